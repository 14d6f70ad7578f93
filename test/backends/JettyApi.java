import java.io.IOException;
import java.net.InetSocketAddress;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.AbstractHandler;

/** The API of `npm run backends` by Jetty 9. */
public final class JettyApi {
    public static void main(String[] arguments) throws Exception {
        var server = new Server(new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1])));
        server.setHandler(new AbstractHandler() {
            @Override
            public void handle(String path, Request base, HttpServletRequest request, HttpServletResponse response) throws IOException {
                base.setHandled(true);
                var status = Api.handle(request.getMethod(), path, request.getHeader("X-Id"), request::getInputStream);
                if (status == 0) {
                    base.getHttpChannel().getEndPoint().close();
                    return;
                }
                response.setStatus(status);
                response.getOutputStream().print("ok");
            }
        });
        server.start();
        server.join();
    }
}
