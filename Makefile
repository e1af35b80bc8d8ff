# Builds with any make of today's systems (GNU, BSD); see README.

VERSION = 0.1
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d

PYTHON = python3
CFLAGS = -O2 -g
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	-Wstrict-prototypes -Wmissing-prototypes
# POSIX.1-2008, getopt_long(3) and SIGINFO, as each system wants to be asked.
FEATURES = -D_DEFAULT_SOURCE -D_DARWIN_C_SOURCE -D_NETBSD_SOURCE
# Give these three empty where the compiler or linker does not know them.
HARDEN_CFLAGS = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	-fstack-protector-strong -fPIE
HARDEN_LDFLAGS = -pie -Wl,-z,relro,-z,now
# The folder where it is built is kept out of what is built.
FOLDER_CFLAGS = -fdebug-prefix-map="$$PWD"=.
# -DNO_CONFINE, where what is linked to it has to open files (see README).
CONFINE_CFLAGS =
ALL_CFLAGS = -std=c11 $(FEATURES) -DVERSION='"$(VERSION)"' \
	-MMD -MP $(WARNINGS) $(HARDEN_CFLAGS) $(FOLDER_CFLAGS) \
	$(CONFINE_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LDFLAGS) $(CFLAGS) $(LDFLAGS)
CMOCKA_CFLAGS = `pkg-config --cflags cmocka 2>/dev/null`
CMOCKA_LIBS = `pkg-config --libs cmocka 2>/dev/null || echo -lcmocka`

PARTS = address.o areas.o arrows.o block.o both.o check.o classes.o compare.o \
	compiled.o confine.o cover.o coverage.o difference.o domain.o draw.o \
	ere.o ere_parse.o expect.o filter.o foreign.o globs.o graph.o import.o import_aliases.o \
	import_csv.o import_exchange.o import_postfix.o import_sendmail.o \
	lines.o loops.o match.o merge.o names.o origins.o pages.o pairs.o \
	plain_list.o plain_rule.o query.o \
	read_list.o read_mbox.o read_message.o read_smtp.o read_text.o \
	reader.o replace.o router.o rules.o same.o seen.o specials.o spool.o \
	stream.o table.o tcp_table.o telling.o text.o write_collisions.o \
	write_json.o write_rcpt.o write_route.o write_same.o write_smtp.o
TESTS = tests/test_text tests/test_no_memory tests/test_ere \
	tests/test_address tests/test_rules \
	tests/test_plain tests/test_check tests/test_compare \
	tests/test_compiled tests/test_import tests/test_cases \
	tests/test_list tests/test_long tests/test_streams tests/test_faults \
	tests/test_recipes tests/test_options tests/test_confine \
	tests/test_hostile tests/test_corpora

all: rewrite

rewrite: rewrite.o $(PARTS)
	$(CC) $(ALL_LDFLAGS) -o $@ rewrite.o $(PARTS)

.SUFFIXES: .c .o
.c.o:
	$(CC) $(ALL_CFLAGS) -I. -Itests -c -o $@ $<

# A program for any Linux of this processor, with musl's libc in it.  The
# compiler for musl does not look where the headers of Linux are.  Code and
# constants share pages, both read-only, which spares the bytes between them.
STATIC_CC = musl-gcc
STATIC_CPPFLAGS = -idirafter /usr/include \
	-idirafter /usr/include/`gcc -print-multiarch 2>/dev/null`
STATIC_CFLAGS = -Oz -fno-pie -fstack-protector-strong -ffunction-sections \
	-fno-asynchronous-unwind-tables
STATIC_LDFLAGS = -static -no-pie -s -Wl,--gc-sections -Wl,-z,relro,-z,now \
	-Wl,-z,noseparate-code
STATIC_PARTS = rewrite.static $(PARTS:.o=.static)

.SUFFIXES: .static
.c.static:
	$(STATIC_CC) -std=c11 $(FEATURES) -DVERSION='"$(VERSION)"' $(WARNINGS) \
	    $(CONFINE_CFLAGS) $(STATIC_CPPFLAGS) $(STATIC_CFLAGS) \
	    -MMD -MP -MT $@ -MF $@.d -c -o $@ $<

static: rewrite-static

rewrite-static: $(STATIC_PARTS)
	$(STATIC_CC) $(STATIC_CFLAGS) $(STATIC_LDFLAGS) -o $@ $(STATIC_PARTS)

tests/test_text: tests/test_text.o text.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_text.o text.o $(CMOCKA_LIBS)

tests/test_no_memory: tests/test_no_memory.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_no_memory.o $(CMOCKA_LIBS)

tests/test_ere: tests/test_ere.o ere.o ere_parse.o text.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_ere.o ere.o ere_parse.o text.o \
	    $(CMOCKA_LIBS)

tests/test_address: tests/test_address.o tests/portable_list.o $(PARTS)
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_address.o tests/portable_list.o \
	    $(PARTS) $(CMOCKA_LIBS)

tests/test_rules: tests/test_rules.o tests/random_table.o $(PARTS)
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_rules.o tests/random_table.o \
	    $(PARTS) $(CMOCKA_LIBS)

tests/test_plain: tests/test_plain.o tests/random_table.o $(PARTS)
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_plain.o tests/random_table.o \
	    $(PARTS) $(CMOCKA_LIBS)

tests/test_check: tests/test_check.o tests/random_table.o $(PARTS)
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_check.o tests/random_table.o \
	    $(PARTS) $(CMOCKA_LIBS)

tests/test_compare: tests/test_compare.o tests/random_table.o $(PARTS)
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_compare.o tests/random_table.o \
	    $(PARTS) $(CMOCKA_LIBS)

tests/test_compiled: tests/test_compiled.o tests/program.o \
	tests/random_table.o $(PARTS)
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_compiled.o tests/program.o \
	    tests/random_table.o $(PARTS) $(CMOCKA_LIBS)

tests/test_import: tests/test_import.o tests/program.o \
	tests/random_table.o $(PARTS)
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_import.o tests/program.o \
	    tests/random_table.o $(PARTS) $(CMOCKA_LIBS)

tests/test_cases: tests/test_cases.o tests/cases.o tests/program.o text.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_cases.o tests/cases.o \
	    tests/program.o text.o $(CMOCKA_LIBS)

# Another build of the program: its calls can be made to fail (tests/faults.h).
WRAPPED = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=mmap \
	-Wl,--wrap=realpath,--wrap=read \
	-Wl,--wrap=__read_chk,--wrap=__open_2 \
	-Wl,--wrap=pread,--wrap=write,--wrap=close,--wrap=poll,--wrap=open \
	-Wl,--wrap=stat,--wrap=fstat,--wrap=mkstemp,--wrap=tmpfile \
	-Wl,--wrap=fchmod,--wrap=fsync,--wrap=rename,--wrap=lseek \
	-Wl,--wrap=ftruncate,--wrap=confine,--wrap=prctl,--wrap=syscall \
	-Wl,--wrap=rules_expect \
	-Wl,--wrap=text_reserve,--wrap=text_add,--wrap=text_add_span \
	-Wl,--wrap=text_add_byte,--wrap=text_add_visible \
	-Wl,--wrap=text_printf,--wrap=text_vprintf,--wrap=array_grow

tests/rewrite_faults: rewrite.o tests/faults.o $(PARTS)
	@if echo 'int main(void) { return 0; }' | $(CC) -Wl,--wrap=read \
	    -x c -o $@ - 2>/dev/null; then \
		$(CC) $(ALL_LDFLAGS) $(WRAPPED) -o $@ rewrite.o \
		    tests/faults.o $(PARTS); \
	else \
		echo '# This linker does not know --wrap; see tests/README.'; \
		rm -f $@; \
	fi

tests/test_faults: tests/test_faults.o tests/cases.o tests/program.o text.o \
	tests/rewrite_faults
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_faults.o tests/cases.o \
	    tests/program.o text.o $(CMOCKA_LIBS)

tests/test_long: tests/test_long.o tests/program.o text.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_long.o tests/program.o text.o \
	    $(CMOCKA_LIBS)

tests/test_streams: tests/test_streams.o tests/program.o text.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_streams.o tests/program.o \
	    text.o $(CMOCKA_LIBS)

tests/test_list: tests/test_list.o tests/program.o text.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_list.o tests/program.o text.o \
	    $(CMOCKA_LIBS)

tests/test_corpora: tests/test_corpora.o tests/program.o text.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_corpora.o tests/program.o \
	    text.o $(CMOCKA_LIBS)

tests/test_confine: tests/test_confine.o tests/program.o $(PARTS)
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_confine.o tests/program.o \
	    $(PARTS) $(CMOCKA_LIBS)

tests/test_hostile: tests/test_hostile.o tests/program.o text.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_hostile.o tests/program.o \
	    text.o $(CMOCKA_LIBS)

tests/test_recipes: tests/test_recipes.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_recipes.o $(CMOCKA_LIBS)

tests/test_options: tests/test_options.o tests/program.o text.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/test_options.o tests/program.o \
	    text.o $(CMOCKA_LIBS)

# CORPORA names a folder, see tests/README; TEST_UNDER a program to run it under.
check: rewrite $(TESTS)
	@failed=0; for t in $(TESTS); do \
		echo "# $$t"; \
		TEST_UNDER="$(TEST_UNDER)" ./$$t || failed=1; \
	done; exit $$failed

# Which lines and branches the tests take; needs gcov.
coverage:
	@CC='$(CC)' MAKE='$(MAKE)' sh tests/coverage/run

# Compares it with other programs, where they are installed, or unpacked in
# the folder INTEROP; INTEROP_ALL=1 fails if one is not.  See tests/README.
interop: rewrite
	@INTEROP='$(INTEROP)' INTEROP_ALL='$(INTEROP_ALL)' \
	    sh tests/interop/run

# Installs cmocka, which the tests need, unless it is there.
deps:
	@CC='$(CC)' sh tests/deps

BENCH = tests/bench/measure tests/bench/bare_loop
CC_AND_FLAGS = CC='$(CC)' CFLAGS='$(CFLAGS)'

tests/bench/measure: tests/bench/measure.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/bench/measure.o

tests/bench/bare_loop: tests/bench/bare_loop.o
	$(CC) $(ALL_LDFLAGS) -o $@ tests/bench/bare_loop.o

# How fast it is, beside other programs; QUICK=1 takes a minute.
bench: rewrite $(BENCH)
	@$(CC_AND_FLAGS) QUICK='$(QUICK)' RUNS='$(RUNS)' \
	    ONLY='$(ONLY)' sh tests/bench/bench

# Fails if it takes more instructions than tests/bench/instructions says.
check-instructions: rewrite
	@$(CC_AND_FLAGS) sh tests/bench/count_instructions check

# Writes that file anew.
instructions: rewrite
	@$(CC_AND_FLAGS) sh tests/bench/count_instructions write

# Whether its memory stays as it is, over TIME seconds; see tests/README.
long: rewrite
	@TIME='$(TIME)' SEED='$(SEED)' TEST_UNDER='$(TEST_UNDER)' sh tests/long

# The addresses found, beside those that Perl's and Python's parsers find.
parsers: rewrite
	@$(PYTHON) tests/parsers/compare

# The targets of the fuzzer; they need clang, its libFuzzer, and an ELF linker.
FUZZ_CC = clang
FUZZ_CFLAGS = -O1 -g -Werror -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_COVERAGE = -fsanitize=fuzzer-no-link \
	-fno-sanitize-coverage=trace-cmp -fsanitize-coverage=trace-pc
FUZZ_WRAPPED = -Wl,--wrap=__sanitizer_cov_trace_pc,--wrap=memchr \
	-Wl,--wrap=__asan_memcpy,--wrap=__asan_memmove
FUZZ_WRAPPED_TOO = -Wl,--wrap=read,--wrap=plain_list_next \
	-Wl,--wrap=plain_rule_read,--wrap=router_passes \
	-Wl,--wrap=address_begin
FUZZ_PARTS = $(PARTS:.o=.fuzz)
FUZZ_SHARED = tests/fuzz/fuzz.o tests/fuzz/ways.o tests/fuzz/show.o \
	tests/fuzz/filtering.o
FUZZ_WHOLE = tests/fuzz/fuzz_table tests/fuzz/fuzz_compiled \
	tests/fuzz/fuzz_asked tests/fuzz/fuzz_list tests/fuzz/fuzz_text \
	tests/fuzz/fuzz_message tests/fuzz/fuzz_mbox tests/fuzz/fuzz_smtp \
	tests/fuzz/fuzz_tcp_table
FUZZ = tests/fuzz/fuzz_address tests/fuzz/fuzz_ere $(FUZZ_WHOLE)

.SUFFIXES: .fuzz
.c.fuzz:
	$(FUZZ_CC) -std=c11 $(FEATURES) $(WARNINGS) $(FUZZ_CFLAGS) \
	    $(FUZZ_COVERAGE) -MMD -MP -MT $@ -MF $@.d -I. -c -o $@ $<

# With as little as it needs a target is twice as fast.
tests/fuzz/fuzz_address: tests/fuzz/fuzz_address.o tests/fuzz/fuzz.o \
	address.fuzz domain.fuzz text.fuzz
	$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(FUZZ_WRAPPED) -o $@ \
	    $@.o tests/fuzz/fuzz.o address.fuzz domain.fuzz text.fuzz

tests/fuzz/fuzz_ere: tests/fuzz/fuzz_ere.o tests/fuzz/fuzz.o ere.fuzz \
	ere_parse.fuzz text.fuzz
	$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(FUZZ_WRAPPED) -o $@ \
	    $@.o tests/fuzz/fuzz.o ere.fuzz ere_parse.fuzz text.fuzz

$(FUZZ_WHOLE): $(FUZZ_PARTS) $(FUZZ_SHARED) $(FUZZ_WHOLE:=.o)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(FUZZ_WRAPPED) \
	    $(FUZZ_WRAPPED_TOO) -o $@ $@.o $(FUZZ_SHARED) $(FUZZ_PARTS)

fuzz-targets:
	@$(MAKE) -s CC='$(FUZZ_CC)' CFLAGS='$(FUZZ_CFLAGS)' HARDEN_CFLAGS= \
	    $(FUZZ)

# Fails if one of them finds something in TIME seconds, see tests/README.
fuzz: fuzz-targets
	@TIME='$(TIME)' AT_ONCE='$(AT_ONCE)' sh tests/fuzz/run $(FUZZ)

install: rewrite
	mkdir -p "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(MANDIR)/man1" \
	    "$(DESTDIR)$(MANDIR)/man5" "$(DESTDIR)$(BASHDIR)" \
	    "$(DESTDIR)$(ZSHDIR)" "$(DESTDIR)$(FISHDIR)"
	install -m 755 rewrite "$(DESTDIR)$(BINDIR)/rewrite"
	install -m 644 man/rewrite.1 "$(DESTDIR)$(MANDIR)/man1/rewrite.1"
	install -m 644 man/rewrite.5 "$(DESTDIR)$(MANDIR)/man5/rewrite.5"
	install -m 644 man/completions/rewrite.bash \
	    "$(DESTDIR)$(BASHDIR)/rewrite"
	install -m 644 man/completions/_rewrite "$(DESTDIR)$(ZSHDIR)/_rewrite"
	install -m 644 man/completions/rewrite.fish \
	    "$(DESTDIR)$(FISHDIR)/rewrite.fish"

uninstall:
	rm -f "$(DESTDIR)$(BINDIR)/rewrite" \
	    "$(DESTDIR)$(MANDIR)/man1/rewrite.1" \
	    "$(DESTDIR)$(MANDIR)/man5/rewrite.5" \
	    "$(DESTDIR)$(BASHDIR)/rewrite" "$(DESTDIR)$(ZSHDIR)/_rewrite" \
	    "$(DESTDIR)$(FISHDIR)/rewrite.fish"

clean:
	rm -f rewrite *.o *.d tests/*.o tests/*.d $(TESTS) \
	    tests/rewrite_faults \
	    tests/bench/*.o tests/bench/*.d $(BENCH) rewrite-$(VERSION).tar.gz
	rm -f rewrite-static *.static *.static.d
	rm -f *.fuzz *.fuzz.d tests/fuzz/*.o tests/fuzz/*.d $(FUZZ)
	rm -rf tests/fuzz/work

# The same bytes from the same files: whose they are, and since when, is not
# kept.  For bsdtar: TAR_OWNER='--uid 0 --gid 0 --uname "" --gname ""'.
TAR_OWNER = --owner=0 --group=0 --numeric-owner
dist: clean
	rm -rf .dist
	mkdir -p .dist/rewrite-$(VERSION)
	cp -R *.c *.h Makefile README LICENSE man tests \
	    .dist/rewrite-$(VERSION)
	find .dist -type f -exec chmod 644 {} +
	find .dist -type f -exec env TZ=UTC0 touch -t 200001010000 {} +
	cd .dist && find rewrite-$(VERSION) -type f | LC_ALL=C sort | \
	    tar --format=ustar $(TAR_OWNER) -cf - -T - | gzip -9n \
	    > ../rewrite-$(VERSION).tar.gz
	rm -rf .dist

.PHONY: all static check coverage deps bench check-instructions instructions \
	long parsers interop fuzz fuzz-targets install uninstall clean dist

# What the compiler found that each depends on.  By the substitution there is
# one blank between two of them; at two bmake looks for a file without a name.
DEPENDENCIES = rewrite.d $(PARTS:.o=.d) $(STATIC_PARTS:=.d) $(TESTS:=.d) \
	tests/cases.d tests/faults.d tests/program.d tests/random_table.d \
	tests/portable_list.d \
	$(BENCH:=.d) $(FUZZ_PARTS:=.d) $(FUZZ:=.d) $(FUZZ_SHARED:.o=.d)
-include $(DEPENDENCIES:.d=.d)
