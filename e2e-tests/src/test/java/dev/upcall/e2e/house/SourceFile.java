package dev.upcall.e2e.house;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// One Java file of the repository as its author sees it: lines, types and methods, read by javac's own parser.
///
/// @param tests names of the methods that are run as tests
record SourceFile(
        Path path, String packageName, List<String> lines, List<Part> types, List<Part> methods, List<String> tests) {
    /// A type or a method, and where it stands.
    record Part(String name, String where, int lines) {}

    private static final Path REPOSITORY = repository();

    /// Every file below a `src` folder of a module; never what the build made itself.
    static List<SourceFile> all() {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (Stream<Path> tree = Files.walk(REPOSITORY);
                StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<Path> paths = tree.filter(SourceFile::isOurs).sorted().toList();
            JavacTask javac = (JavacTask)
                    compiler.getTask(null, files, null, null, null, files.getJavaFileObjectsFromPaths(paths));
            SourcePositions positions = Trees.instance(javac).getSourcePositions();
            return StreamSupport.stream(javac.parse().spliterator(), false)
                    .map(unit -> read(unit, positions))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String module() {
        return path.getName(0).toString();
    }

    boolean isNamed(String name) {
        return path.endsWith(name + ".java");
    }

    Stream<String> linesWith(Pattern pattern) {
        return IntStream.range(0, lines.size())
                .filter(i -> pattern.matcher(lines.get(i)).find())
                .mapToObj(i -> where(path, i + 1, lines.get(i).strip()));
    }

    private static boolean isOurs(Path path) {
        Path inside = REPOSITORY.relativize(path);
        return inside.toString().endsWith(".java")
                && inside.getNameCount() > 2
                && inside.getName(1).toString().equals("src");
    }

    private static SourceFile read(CompilationUnitTree unit, SourcePositions positions) {
        Path file = Path.of(unit.getSourceFile().toUri());
        Path path = REPOSITORY.relativize(file);
        Parts parts = new Parts(path, unit, positions);
        parts.scan(unit, null);
        try {
            String packageName = String.valueOf(unit.getPackageName());
            return new SourceFile(path, packageName, Files.readAllLines(file), parts.types, parts.methods, parts.tests);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String where(Path path, long line, String what) {
        return path + ":" + line + " " + what;
    }

    /// Tests run in their module's folder, an IDE's often at the top: climb to where the wrapper stands.
    private static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("mvnw"))) {
            Path parent = folder.getParent();
            if (parent == null) {
                throw new IllegalStateException("no mvnw above " + Path.of("").toAbsolutePath());
            }
            folder = parent;
        }
        return folder;
    }

    private static final class Parts extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final Path path;
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<Part> types = new ArrayList<>();
        private final List<Part> methods = new ArrayList<>();
        private final List<String> tests = new ArrayList<>();

        private Parts(Path path, CompilationUnitTree unit, SourcePositions positions) {
            this.path = path;
            this.unit = unit;
            this.positions = positions;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void nothing) {
            types.add(part(type, type.getSimpleName().toString()));
            return super.visitClass(type, null);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
            methods.add(part(method, method.getName() + "()"));
            if (method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation ->
                            annotation.getAnnotationType().toString().endsWith("Test"))) {
                tests.add(method.getName().toString());
            }
            return super.visitMethod(method, null);
        }

        private Part part(Tree tree, String name) {
            LineMap map = unit.getLineMap();
            long first = map.getLineNumber(positions.getStartPosition(unit, tree));
            long last = map.getLineNumber(Math.max(0, positions.getEndPosition(unit, tree)));
            return new Part(name, where(path, first, name), (int) (last - first + 1));
        }
    }
}
