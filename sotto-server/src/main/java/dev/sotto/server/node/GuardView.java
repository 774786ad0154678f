package dev.sotto.server.node;

import dev.sotto.core.TenantId;

/// What the pages and the API show of the guard: nothing can be changed through it. Whoever installs a guard gives one
/// that reads the guard's own state. Implementations are thread-safe and do not block on more than the database.
public interface GuardView {
    /// The policy that decides this tenant's disclosures now.
    PolicyView policy(TenantId tenant);

    /// Who may receive what of this tenant's.
    RegisterView register(TenantId tenant);

    /// No guard: no rule, nobody in the register, everything denied.
    static GuardView none() {
        return new GuardView() {
            @Override
            public PolicyView policy(TenantId tenant) {
                return PolicyView.denyAll();
            }

            @Override
            public RegisterView register(TenantId tenant) {
                return RegisterView.empty();
            }
        };
    }
}
