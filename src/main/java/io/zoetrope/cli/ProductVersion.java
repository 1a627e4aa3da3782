package io.zoetrope.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/// The version that the build wrote into `zoetrope.properties`.
final class ProductVersion implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
        return new String[] {"zoetrope " + read()};
    }

    static String read() throws IOException {
        try (InputStream stream = ProductVersion.class.getResourceAsStream("/zoetrope.properties")) {
            Properties properties = new Properties();
            properties.load(stream);
            return properties.getProperty("version");
        }
    }
}
