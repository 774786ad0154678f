package dev.sotto.server;

import picocli.CommandLine.Command;

/// Backups. So far of keys; the data they seal is copied by other means.
@Command(
        name = "backup",
        description = "Back up, restore, and try that it works.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = BackupKeysCommand.class)
final class BackupCommand {}
