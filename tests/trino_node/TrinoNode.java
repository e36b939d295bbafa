import com.google.inject.util.Modules;
import io.trino.plugin.hive.InternalHiveConnectorFactory;
import io.trino.server.testing.TestingTrinoServer;
import io.trino.spi.Plugin;
import io.trino.spi.connector.Connector;
import io.trino.spi.connector.ConnectorContext;
import io.trino.spi.connector.ConnectorFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;

/** One Trino on a free port of the loopback interface, in the folder that is its argument; its buckets lie there. */
public final class TrinoNode {
    private static final Logger LOG = Logger.getLogger("");
    private static final Map<String, String> CATALOG =
            Map.of(
                    "hive.metastore", "file",
                    "hive.metastore.catalog.dir", "s3://metastore/",
                    "hive.metastore.version-compatibility", "UNSAFE_ASSUME_COMPATIBILITY",
                    "hive.partition-projection-enabled", "true",
                    "hive.table-statistics-enabled", "false", // this metastore has none of computed partitions
                    "hive.recursive-directories", "true", // as Athena reads a location
                    "hive.parquet.time-zone", "UTC",
                    "hive.security", "allow-all");

    private TrinoNode() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        Life.endsWithStandardInput();
        LOG.setLevel(Level.WARNING);
        Path buckets = home.resolve("buckets");
        Files.createDirectories(buckets.resolve("metastore"));
        TestingTrinoServer server =
                TestingTrinoServer.builder()
                        .setEnvironment("tests")
                        .setBaseDataDir(Optional.of(home.resolve("data")))
                        .build();
        Life.closesAndRemoves(server, home);
        server.installPlugin(new HiveOver(buckets));
        server.createCatalog("awsdatacatalog", "hive", CATALOG);
        Life.answersAt(server.getBaseUrl().toString(), home);
        new CountDownLatch(1).await();
    }

    /** Trino's connector for tables over files, whose files are those of our buckets. */
    private record HiveOver(Path buckets) implements Plugin, ConnectorFactory {
        @Override
        public Iterable<ConnectorFactory> getConnectorFactories() {
            return List.of(this);
        }

        @Override
        public String getName() {
            return "hive";
        }

        @Override
        public Connector create(String catalog, Map<String, String> settings, ConnectorContext context) {
            return InternalHiveConnectorFactory.createConnector(
                    catalog,
                    settings,
                    context,
                    Modules.EMPTY_MODULE,
                    Optional.empty(),
                    Optional.of(new Buckets(buckets)),
                    Optional.empty());
        }
    }
}
