package dev.sotto.server.web;

/// Says who may see a protected value in clear. The seam for finer roles.
interface RevealPermission {
    boolean mayReveal(Visitor.Staff staff);

    /// Those who work with callers may. An auditor checks what was done, which labels and proofs show.
    static RevealPermission byRole() {
        return staff -> switch (staff.role()) {
            case ADMIN, OPERATOR -> true;
            case AUDITOR -> false;
        };
    }
}
