import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** A server that answers every request with 200, or as the environment variable ANSWERS says. */
public final class Answering {
    private Answering() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        Life.endsWithStandardInput();
        int status = Integer.parseInt(System.getenv().getOrDefault("ANSWERS", "200"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
        Life.closesAndRemoves(() -> server.stop(0), home);
        Life.answersAt("http://127.0.0.1:" + server.getAddress().getPort(), home);
    }
}
