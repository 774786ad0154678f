package dev.sotto.server.node;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.Set;
import java.util.stream.Stream;

/// In tests Azure's names mean this machine: its library compares the name of a vault with that in the challenge. All
/// other names mean what they did.
public final class CloudNames extends InetAddressResolverProvider {
    private static final Set<String> HERE =
            Set.of("clinic.managedhsm.azure.net", "clinic.vault.azure.net", "login.microsoftonline.com");
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    @Override
    public InetAddressResolver get(Configuration configuration) {
        var others = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                return HERE.contains(host)
                        ? Stream.of(InetAddress.getByAddress(host, LOOPBACK))
                        : others.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return others.lookupByAddress(address);
            }
        };
    }

    @Override
    public String name() {
        return "Azure's names in tests";
    }
}
