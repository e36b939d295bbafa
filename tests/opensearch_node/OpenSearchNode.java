import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.core.common.transport.TransportAddress;
import org.opensearch.env.Environment;
import org.opensearch.geo.GeoModulePlugin;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.index.mapper.MapperExtrasPlugin;
import org.opensearch.index.reindex.ReindexPlugin;
import org.opensearch.ingest.common.IngestCommonPlugin;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.script.expression.ExpressionPlugin;
import org.opensearch.script.mustache.MustachePlugin;
import org.opensearch.transport.Netty4Plugin;

/** One node on free ports of the loopback interface, in the folder that is its argument. */
public final class OpenSearchNode extends Node {
    private static final List<Class<? extends Plugin>> MODULES =
            List.of(
                    Netty4Plugin.class,
                    CommonAnalysisPlugin.class,
                    GeoModulePlugin.class,
                    IngestCommonPlugin.class,
                    ExpressionPlugin.class,
                    MustachePlugin.class,
                    PainlessPlugin.class,
                    MapperExtrasPlugin.class,
                    ReindexPlugin.class);

    private OpenSearchNode(Environment environment) {
        super(environment, MODULES, false);
    }

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        Life.endsWithStandardInput();
        for (String folder : List.of("config", "modules", "plugins")) {
            Files.createDirectories(home.resolve(folder));
        }
        OpenSearchNode node =
                new OpenSearchNode(
                        InternalSettingsPreparer.prepareEnvironment(
                                settings(home), Map.of(), home.resolve("config"), () -> "node-1"));
        Life.closesAndRemoves(node, home);
        node.start();
        Life.answersAt(node.address(), home);
        new CountDownLatch(1).await();
    }

    private static Settings settings(Path home) {
        return Settings.builder()
                .put("path.home", home.toString())
                .put("path.data", home.resolve("data").toString())
                .put("path.logs", home.resolve("logs").toString())
                .put("cluster.name", "flowlogs-tests")
                .put("node.name", "node-1")
                .put("network.host", "127.0.0.1")
                .put("http.port", "0") // the kernel's choice: nobody else can have it
                .put("transport.port", "0")
                .put("http.type", "netty4")
                .put("transport.type", "netty4")
                .put("discovery.type", "single-node")
                .put("cluster.routing.allocation.disk.threshold_enabled", false) // a full laptop is no failed test
                .put("node.store.allow_mmap", false) // needs no kernel setting
                .build();
    }

    private String address() {
        TransportAddress address =
                injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress();
        return "http://" + address.getAddress() + ":" + address.getPort();
    }

    @Override
    protected void configureNodeAndClusterIdStateListener(
            org.opensearch.cluster.service.ClusterService ignored) {
        // the server's own listener sets static state of its logging, which is not there without its launcher
    }
}
