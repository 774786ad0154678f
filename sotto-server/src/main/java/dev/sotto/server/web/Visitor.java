package dev.sotto.server.web;

import dev.sotto.core.ActorId;
import dev.sotto.core.TenantId;
import dev.sotto.core.UserId;
import dev.sotto.store.StaffRole;
import java.util.List;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/// Who sends a request, once that is proven.
sealed interface Visitor {
    /// As the audit log names it.
    ActorId actor();

    /// A signed-in member of a tenant's staff. Sees that tenant only.
    record Staff(TenantId tenant, UserId user, StaffRole role) implements Visitor {
        @Override
        public ActorId actor() {
            return new ActorId(ActorId.Kind.USER, user.toString());
        }
    }

    /// A tool on this machine that holds the operator token. Sees no recording and no original words.
    record Operator() implements Visitor {
        @Override
        public ActorId actor() {
            return new ActorId(ActorId.Kind.API_KEY, "local-operator");
        }
    }

    /// The form Spring Security carries it in. Holds no credentials.
    final class Token extends AbstractAuthenticationToken {
        private static final long serialVersionUID = 1L;
        static final String STAFF = "STAFF";
        static final String OPERATOR = "OPERATOR";

        private final transient Visitor visitor;

        Token(Visitor visitor) {
            super(List.of(new SimpleGrantedAuthority(
                    switch (visitor) {
                        case Staff _ -> STAFF;
                        case Operator _ -> OPERATOR;
                    })));
            this.visitor = visitor;
            setAuthenticated(true);
        }

        @Override
        public Object getCredentials() {
            return "";
        }

        @Override
        public Visitor getPrincipal() {
            return visitor;
        }

        @Override
        public String getName() {
            return visitor.actor().toString();
        }
    }
}
