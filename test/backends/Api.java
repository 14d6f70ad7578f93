import java.io.FileWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.regex.Pattern;

/** What the APIs of `npm run backends` on Java have in common. Each execution is a line of COUNTS: the request's X-Id. */
final class Api {
    interface Body {
        InputStream open() throws IOException;
    }

    private static final Pattern PATH = Pattern.compile("/(read|slow|drop|mixed)(/.*)?");

    /**
     * @param body opened only by who reads it: Jetty says 100 then
     * @return the status to answer with; 0: the connection is to be dropped
     */
    static int handle(String method, String path, String id, Body body) throws IOException {
        var found = PATH.matcher(path);
        if (!found.matches()) {
            if (path.startsWith("/mixed-")) body.open().readAllBytes();
            return 404;
        }
        if (method.equals("GET")) return 200;
        var action = found.group(1);
        var refuses = action.equals("mixed") && found.group(2) != null;
        if (action.equals("read") || action.equals("mixed") && !refuses) body.open().readAllBytes();
        try (var counts = new FileWriter(System.getenv("COUNTS"), true)) {
            counts.write(id + "\n");
        }
        if (action.equals("slow")) pause(Long.parseLong(System.getenv("SLOW_MS")));
        if (action.equals("drop") || path.equals("/mixed/drop")) return 0;
        return refuses ? 403 : 200;
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }
}
