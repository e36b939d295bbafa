import io.trino.filesystem.FileEntry;
import io.trino.filesystem.FileIterator;
import io.trino.filesystem.Location;
import io.trino.filesystem.TrinoFileSystem;
import io.trino.filesystem.TrinoFileSystemFactory;
import io.trino.filesystem.TrinoInputFile;
import io.trino.filesystem.TrinoOutputFile;
import io.trino.filesystem.local.LocalFileSystemFactory;
import io.trino.spi.security.ConnectorIdentity;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Files of a folder as objects of S3: s3://bucket/key is the file folder/bucket/key. */
final class Buckets implements TrinoFileSystemFactory {
    private static final String OBJECTS = "s3://";
    private static final String FILES = "local:///";
    private static final Set<Class<?>> HAVE_LOCATIONS =
            Set.of(TrinoInputFile.class, TrinoOutputFile.class, FileIterator.class);
    private final TrinoFileSystemFactory files;

    Buckets(Path folder) {
        files = new LocalFileSystemFactory(folder);
    }

    @Override
    public TrinoFileSystem create(ConnectorIdentity identity) {
        return renaming(TrinoFileSystem.class, files.create(identity));
    }

    /** Gives what does as `hidden` does, and takes and tells locations of objects instead of files. */
    private static <T> T renaming(Class<T> type, Object hidden) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> {
                            Object[] given =
                                    Stream.ofNullable(arguments).flatMap(Stream::of).map(Buckets::asFile).toArray();
                            Object answer;
                            try {
                                answer = method.invoke(hidden, given);
                            } catch (InvocationTargetException thrown) {
                                throw thrown.getCause();
                            }
                            Class<?> told = method.getReturnType();
                            return HAVE_LOCATIONS.contains(told) ? renaming(told, answer) : asObject(answer);
                        }));
    }

    private static Object asFile(Object given) {
        return given instanceof Location location ? renamed(location, OBJECTS, FILES) : given;
    }

    private static Object asObject(Object answer) {
        if (answer instanceof Location location) {
            return renamed(location, FILES, OBJECTS);
        }
        if (answer instanceof FileEntry file) {
            Location location = renamed(file.location(), FILES, OBJECTS);
            return new FileEntry(location, file.length(), file.lastModified(), file.blocks());
        }
        if (answer instanceof Optional<?> optional) {
            // S3 has no folders and so never says of one that it is absent: nothing is in it
            return optional.filter(present -> !present.equals(false)).map(Buckets::asObject);
        }
        if (answer instanceof Set<?> several) {
            return several.stream().map(Buckets::asObject).collect(Collectors.toSet());
        }
        return answer;
    }

    private static Location renamed(Location location, String from, String to) {
        String text = location.toString();
        return text.startsWith(from) ? Location.of(to + text.substring(from.length())) : location;
    }
}
