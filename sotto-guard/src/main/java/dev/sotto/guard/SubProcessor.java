package dev.sotto.guard;

import dev.sotto.core.DataClass;
import java.util.Set;

/// Somebody who may receive protected data.
///
/// @param id what disclosures name as their destination
/// @param name for people
/// @param dataClasses what it may receive
/// @param purposes what for
/// @param region where it processes, such as `us-east-1`, or `on-premises`
/// @param agreement on what ground
/// @param retention what it keeps and how long, in words of the agreement
public record SubProcessor(
        String id,
        String name,
        Set<DataClass> dataClasses,
        Set<String> purposes,
        String region,
        Agreement agreement,
        String retention) {
    public SubProcessor {
        dataClasses = Set.copyOf(dataClasses);
        purposes = Set.copyOf(purposes);
    }
}
