import dev.evenkeel.Evenkeel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.modulith.core.ApplicationModules;
import org.springframework.modulith.core.util.ApplicationModulesExporter;

/**
 * Writes down the modules while the application is built, so that it does not read all its classes
 * to find them each time it starts. Spring Modulith looks for the file; without it, it would scan.
 */
final class ModuleMetadata {

  static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    Files.createDirectories(file.getParent());
    Files.writeString(
        file, new ApplicationModulesExporter(ApplicationModules.of(Evenkeel.class)).toJson());
  }
}
