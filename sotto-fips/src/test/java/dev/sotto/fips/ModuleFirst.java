package dev.sotto.fips;

import dev.sotto.keys.CryptoProvider;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/// Puts the module in place before any test class is loaded, as `Main` does before any command.
public final class ModuleFirst implements LauncherSessionListener {
    @Override
    public void launcherSessionOpened(LauncherSession session) {
        CryptoProvider.install();
    }
}
