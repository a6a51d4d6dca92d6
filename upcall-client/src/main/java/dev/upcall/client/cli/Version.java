package dev.upcall.client.cli;

import picocli.CommandLine.IVersionProvider;

/// What `--version` says: the jar's version, and the Java it runs on.
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String built = Version.class.getPackage().getImplementationVersion();
        return new String[] {"upcall " + (built == null ? "(not packaged)" : built) + ", Java " + Runtime.version()};
    }
}
