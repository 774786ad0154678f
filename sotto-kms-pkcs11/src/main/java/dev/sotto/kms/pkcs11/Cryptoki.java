package dev.sotto.kms.pkcs11;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.UnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;

/// The few functions of PKCS #11 (OASIS, version 2.40) that the JDK's provider has no way to: which token is in which
/// slot, what the attributes of a key are, and making a key with given attributes. Everything is read only but
/// [#generate]. Thread-safe: the library is asked to lock by itself.
///
/// For machines whose C `long` has 64 bits and whose structures are aligned naturally: Linux on x86-64 and arm64.
@SuppressWarnings("restricted") // calling a C library is what this class is for
final class Cryptoki {
    private static final int INITIALIZE = 0;
    private static final int GET_SLOT_LIST = 4;
    private static final int GET_TOKEN_INFO = 6;
    private static final int OPEN_SESSION = 12;
    private static final int CLOSE_SESSION = 13;
    private static final int GET_ATTRIBUTE_VALUE = 24;
    private static final int FIND_OBJECTS_INIT = 26;
    private static final int FIND_OBJECTS = 27;
    private static final int FIND_OBJECTS_FINAL = 28;
    private static final int GENERATE_KEY = 58;
    private static final int FUNCTIONS = 68;

    private static final long OK = 0;
    private static final long ALREADY_INITIALIZED = 0x191;
    private static final long OS_LOCKING_OK = 2;
    private static final long RW_SESSION = 2;
    private static final long SERIAL_SESSION = 4;
    private static final int MAX_SLOTS = 1_024;
    private static final int TOKEN_INFO_LENGTH = 256; // 208 by the standard
    private static final int LABEL_LENGTH = 32;
    private static final int FLAGS_AT = 96;
    private static final int ATTRIBUTE_LENGTH = 24;

    private static final FunctionDescriptor POINTER = FunctionDescriptor.of(JAVA_LONG, ADDRESS);
    private static final Map<Path, Cryptoki> LOADED = new ConcurrentHashMap<>(); // one a configured library

    private final Linker linker = Linker.nativeLinker();
    private final MemorySegment functions;

    /// What `C_GetTokenInfo` says: the label without trailing blanks, and the `CKF_` flags.
    record Token(long slot, String label, long flags) {}

    /// An attribute of a template: a number, a truth value or text.
    static final class Attribute {
        private final long type;
        private final byte[] value;

        private Attribute(long type, byte[] value) {
            this.type = type;
            this.value = value;
        }

        static Attribute of(long type, long number) {
            byte[] value = new byte[Long.BYTES];
            MemorySegment.ofArray(value).set(JAVA_LONG.withByteAlignment(1), 0, number);
            return new Attribute(type, value);
        }

        static Attribute of(long type, boolean truth) {
            return new Attribute(type, new byte[] {(byte) (truth ? 1 : 0)});
        }

        static Attribute of(long type, String text) {
            return new Attribute(type, text.getBytes(UTF_8));
        }
    }

    private Cryptoki(MemorySegment functions) {
        this.functions = functions;
    }

    /// The library, loaded for the life of this process: a PKCS #11 library is not made to be unloaded.
    ///
    /// @throws UnavailableException if it is absent, does not load or is no PKCS #11 library
    static Cryptoki load(Path library) {
        return LOADED.computeIfAbsent(library, Cryptoki::loaded);
    }

    private static Cryptoki loaded(Path library) {
        try (var arena = Arena.ofConfined()) {
            var lookup = SymbolLookup.libraryLookup(library, Arena.global());
            var list = arena.allocate(ADDRESS);
            var entry = Linker.nativeLinker().downcallHandle(lookup.findOrThrow("C_GetFunctionList"), POINTER);
            if (call(entry, list) != OK) {
                throw unusable();
            }
            var functions = list.get(ADDRESS, 0).reinterpret((1 + FUNCTIONS) * ADDRESS.byteSize());
            return new Cryptoki(functions);
        } catch (IllegalArgumentException | NoSuchElementException absent) {
            throw unusable();
        }
    }

    private static UnavailableException unusable() {
        return new UnavailableException(
                Pkcs11Error.PKCS11_LIBRARY_UNUSABLE, "library is absent or is no PKCS #11 library for this machine");
    }

    /// Initialises the library unless that was done. The JDK's provider does not mind that it was.
    void initialize() throws CryptokiException {
        try (var arena = Arena.ofConfined()) {
            // CK_C_INITIALIZE_ARGS: four functions for locking, none given; flags; reserved
            var args = arena.allocate(6 * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
            args.set(JAVA_LONG, 4 * JAVA_LONG.byteSize(), OS_LOCKING_OK);
            long code = call(function(INITIALIZE, POINTER), args);
            if (code != OK && code != ALREADY_INITIALIZED) {
                throw new CryptokiException("C_Initialize", code);
            }
        }
    }

    /// The tokens in slots that have one.
    List<Token> tokens() throws CryptokiException {
        var form = FunctionDescriptor.of(JAVA_LONG, JAVA_BYTE, ADDRESS, ADDRESS);
        try (var arena = Arena.ofConfined()) {
            var count = arena.allocate(JAVA_LONG);
            check("C_GetSlotList", call(function(GET_SLOT_LIST, form), (byte) 1, MemorySegment.NULL, count));
            long slots = Math.min(count.get(JAVA_LONG, 0), MAX_SLOTS);
            var list = arena.allocate(JAVA_LONG, MAX_SLOTS);
            count.set(JAVA_LONG, 0, MAX_SLOTS);
            check("C_GetSlotList", call(function(GET_SLOT_LIST, form), (byte) 1, list, count));
            var tokens = new ArrayList<Token>();
            for (int i = 0; i < Math.min(slots, count.get(JAVA_LONG, 0)); i++) {
                tokens.add(token(list.getAtIndex(JAVA_LONG, i)));
            }
            return tokens;
        }
    }

    /// @throws CryptokiException also if the token is not there any more
    Token token(long slot) throws CryptokiException {
        try (var arena = Arena.ofConfined()) {
            var info = arena.allocate(TOKEN_INFO_LENGTH, JAVA_LONG.byteAlignment());
            var form = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS);
            check("C_GetTokenInfo", call(function(GET_TOKEN_INFO, form), slot, info));
            byte[] label = info.asSlice(0, LABEL_LENGTH).toArray(JAVA_BYTE);
            return new Token(slot, new String(label, UTF_8).stripTrailing(), info.get(JAVA_LONG, FLAGS_AT));
        }
    }

    /// The values of `types` of each object that matches, at most `max` objects. A value is empty if the token does
    /// not give it.
    List<List<byte[]>> find(long slot, List<Attribute> template, List<Long> types, int max) throws CryptokiException {
        long session = open(slot, SERIAL_SESSION);
        try (var arena = Arena.ofConfined()) {
            var init = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG);
            check("C_FindObjectsInit", call(function(FIND_OBJECTS_INIT, init), session, segment(arena, template), (long)
                    template.size()));
            var handles = arena.allocate(JAVA_LONG, max);
            var count = arena.allocate(JAVA_LONG);
            var find = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
            check("C_FindObjects", call(function(FIND_OBJECTS, find), session, handles, (long) max, count));
            var end = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG);
            check("C_FindObjectsFinal", call(function(FIND_OBJECTS_FINAL, end), session));
            var found = new ArrayList<List<byte[]>>();
            for (int i = 0; i < count.get(JAVA_LONG, 0); i++) {
                var values = new ArrayList<byte[]>();
                for (long type : types) {
                    values.add(value(arena, session, handles.getAtIndex(JAVA_LONG, i), type));
                }
                found.add(values);
            }
            return found;
        } finally {
            close(session);
        }
    }

    /// Makes a key in the token, of the attributes given.
    void generate(long slot, long mechanism, List<Attribute> template) throws CryptokiException {
        long session = open(slot, SERIAL_SESSION | RW_SESSION);
        try (var arena = Arena.ofConfined()) {
            var kind = arena.allocate(3 * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment()); // CK_MECHANISM
            kind.set(JAVA_LONG, 0, mechanism);
            var form = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
            check(
                    "C_GenerateKey",
                    call(
                            function(GENERATE_KEY, form),
                            session,
                            kind,
                            segment(arena, template),
                            (long) template.size(),
                            arena.allocate(JAVA_LONG)));
        } finally {
            close(session);
        }
    }

    private byte[] value(Arena arena, long session, long object, long type) {
        int max = 256;
        var value = arena.allocate(max);
        var attribute = arena.allocate(ATTRIBUTE_LENGTH, JAVA_LONG.byteAlignment());
        attribute.set(JAVA_LONG, 0, type);
        attribute.set(ADDRESS, 8, value);
        attribute.set(JAVA_LONG, 16, max);
        var form = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG);
        long code = call(function(GET_ATTRIBUTE_VALUE, form), session, object, attribute, 1L);
        long length = attribute.get(JAVA_LONG, 16);
        return code == OK && length >= 0 && length <= max
                ? value.asSlice(0, length).toArray(JAVA_BYTE)
                : new byte[0];
    }

    private long open(long slot, long flags) throws CryptokiException {
        try (var arena = Arena.ofConfined()) {
            var session = arena.allocate(JAVA_LONG);
            var form = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS);
            var open = function(OPEN_SESSION, form);
            check("C_OpenSession", call(open, slot, flags, MemorySegment.NULL, MemorySegment.NULL, session));
            return session.get(JAVA_LONG, 0);
        }
    }

    private void close(long session) {
        call(function(CLOSE_SESSION, FunctionDescriptor.of(JAVA_LONG, JAVA_LONG)), session);
    }

    private static MemorySegment segment(Arena arena, List<Attribute> template) {
        var out = arena.allocate((long) ATTRIBUTE_LENGTH * template.size(), JAVA_LONG.byteAlignment());
        for (int i = 0; i < template.size(); i++) {
            var attribute = template.get(i);
            var value = arena.allocate(Math.max(1, attribute.value.length));
            MemorySegment.copy(attribute.value, 0, value, JAVA_BYTE, 0, attribute.value.length);
            long at = (long) i * ATTRIBUTE_LENGTH;
            out.set(JAVA_LONG, at, attribute.type);
            out.set(ADDRESS, at + 8, value);
            out.set(JAVA_LONG, at + 16, attribute.value.length);
        }
        return out;
    }

    /// CK_FUNCTION_LIST: a version, padded to a pointer's size, then pointers in the order of the standard.
    private MethodHandle function(int number, FunctionDescriptor form) {
        return linker.downcallHandle(functions.get(ADDRESS, (1L + number) * ADDRESS.byteSize()), form);
    }

    private static void check(String function, long code) throws CryptokiException {
        if (code != OK) {
            throw new CryptokiException(function, code);
        }
    }

    private static long call(MethodHandle function, Object... arguments) {
        try {
            return (long) function.invokeWithArguments(arguments);
        } catch (RuntimeException | Error unchecked) {
            throw unchecked;
        } catch (Throwable impossible) {
            throw new IllegalStateException("a native function cannot throw", impossible);
        }
    }
}
