import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.RequestFacade;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.ActionCode;

/** The API of `npm run backends` by Tomcat 10. */
public final class TomcatApi {
    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("").setLevel(Level.OFF);
        var connector = new Connector();
        connector.setProperty("address", arguments[0]);
        connector.setPort(Integer.parseInt(arguments[1]));
        connector.setProperty("maxKeepAliveRequests", "-1");
        var tomcat = new Tomcat();
        tomcat.setBaseDir(arguments[2]);
        tomcat.setConnector(connector);
        var context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "api", new HttpServlet() {
            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
                var status = Api.handle(request.getMethod(), request.getRequestURI(), request.getHeader("X-Id"), request::getInputStream);
                if (status == 0) drop(request);
                response.setStatus(status);
                response.getOutputStream().print("ok");
            }
        });
        context.addServletMappingDecoded("/", "api");
        tomcat.start();
        tomcat.getServer().await();
    }

    /** A servlet has no way of its own to close its connection. */
    private static void drop(HttpServletRequest request) {
        try {
            var field = RequestFacade.class.getDeclaredField("request");
            field.setAccessible(true);
            ((Request) field.get(request)).getCoyoteRequest().action(ActionCode.CLOSE_NOW, null);
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }
}
