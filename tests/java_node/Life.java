import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** When a server's process ends, and what it says and leaves. */
final class Life {
    private static final long MILLISECONDS_TO_END = 10_000;

    private Life() {}

    /** Ends the process when its standard input does; called first: whoever wanted the server may be gone already. */
    static void endsWithStandardInput() {
        inBackground(
                () -> {
                    try {
                        while (System.in.read() >= 0) {}
                    } catch (IOException gone) {
                        System.err.println(gone);
                    }
                    inBackground(Life::haltInTime);
                    System.exit(0);
                });
    }

    /** Closes the server and removes its folder when the process ends. */
    static void closesAndRemoves(AutoCloseable server, Path home) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> closeAndRemove(server, home)));
    }

    /** Writes the server's address into the file "address" of its folder: it answers there. */
    static void answersAt(String address, Path home) throws IOException {
        Path written = Files.writeString(home.resolve("address.part"), address);
        Files.move(written, home.resolve("address"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void inBackground(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }

    private static void haltInTime() {
        try {
            Thread.sleep(MILLISECONDS_TO_END);
        } catch (InterruptedException early) {
            System.err.println(early);
        }
        Runtime.getRuntime().halt(1);
    }

    private static void closeAndRemove(AutoCloseable server, Path home) {
        try {
            server.close();
        } catch (Exception left) { // its data go with it, whatever it did not close
            System.err.println(left);
        }
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(file);
            }
        } catch (IOException left) {
            System.err.println(left);
        }
    }
}
