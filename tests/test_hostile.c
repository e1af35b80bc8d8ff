/*
 * Mail that is made to break what reads it, far larger than any: what goes in
 * is made while it goes in, what has to come out is made a second time and
 * compared byte for byte, and the program has to do with little memory.
 *
 * HOSTILE_MB says how large the largest of it is, 1000 MB if it is not set,
 * and all of it is that much smaller.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "confine.h"
#include "program.h"

enum {
	LITTLE = 16 * 1024,	/* KiB: blocks of the input, and the table */
	MUCH = 128 * 1024,	/* and a field of 16 MiB, and what is made */
	LONGEST = 16 * 1024 * 1024
};

/* What is written to, by large blocks. */
struct sink {
	int fd;
	size_t len;
	char block[64 * 1024];
};

/* Writes the input, or what has to come out, to a sink. */
typedef void make(struct sink *, bool out);

/* What became of a run. */
struct run {
	int status;
	long kib;		/* most memory, or 0 if it was not measured */
	struct text errors;
};

static size_t scale;		/* MB of the largest */

/* So many of a million, on the scale. */
static size_t
scaled(size_t n)
{
	return n * scale / 1000 + 1;
}

static void
flush(struct sink *sink)
{
	const char *s = sink->block;
	ssize_t n;

	for (; sink->len > 0; s += n, sink->len -= (size_t)n)
		if ((n = write(sink->fd, s, sink->len)) == -1)
			_exit(1);	/* nobody reads it any more */
}

static void
put_bytes(struct sink *sink, const char *s, size_t len)
{
	size_t n;

	for (; len > 0; s += n, len -= n) {
		if (sink->len == sizeof(sink->block))
			flush(sink);
		n = sizeof(sink->block) - sink->len;
		if (n > len)
			n = len;
		memcpy(sink->block + sink->len, s, n);
		sink->len += n;
	}
}

static void
put(struct sink *sink, const char *s)
{
	put_bytes(sink, s, strlen(s));
}

static void
repeat(struct sink *sink, const char *s, size_t times)
{
	size_t len = strlen(s);

	while (times-- > 0)
		put_bytes(sink, s, len);
}

/* An address that the table rewrites. */
static void
put_address(struct sink *sink, bool out)
{
	put(sink, out ? "a@c.d" : "a@a.b");
}

/* Begins a process that writes; where to read it. */
static int
begin_making(make *what, bool out, pid_t *pid)
{
	struct sink sink = { .len = 0 };
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	assert_int_not_equal(*pid = fork(), -1);
	if (*pid == 0) {
		close(ends[0]);
		sink.fd = ends[1];
		what(&sink, out);
		flush(&sink);
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

/* As read(2), but less than asked for only at the end. */
static size_t
read_all(int fd, char *s, size_t len)
{
	size_t had = 0;
	ssize_t n;

	while (had < len && (n = read(fd, s + had, len - had)) > 0)
		had += (size_t)n;
	return had;
}

/* Whether the same comes from both. */
static bool
same_comes(int a, int b)
{
	static char from_a[64 * 1024], from_b[64 * 1024];
	size_t n;

	do {
		n = read_all(a, from_a, sizeof(from_a));
		if (read_all(b, from_b, sizeof(from_b)) != n ||
		    memcmp(from_a, from_b, n) != 0)
			return false;
	} while (n > 0);
	return true;
}

static void
read_errors(FILE *f, struct text *t)
{
	char block[4096];
	size_t n;

	rewind(f);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		assert_int_equal(text_add(t, block, n), 0);
	fclose(f);
}

/* A sanitizer, or what the program runs under, takes much for itself. */
static bool
is_measured(void)
{
#if defined(CONFINE_LEFT_OUT) && !defined(NO_CONFINE)
	return false;
#else
	const char *under = getenv("TEST_UNDER");

	return under == NULL || *under == '\0';
#endif
}

static long
kib_of(const struct rusage *usage)
{
#ifdef __APPLE__
	return usage->ru_maxrss / 1024;
#else
	return usage->ru_maxrss;
#endif
}

/* Runs it; fails if what comes out is not what has to. */
static struct run
run(const char *const *arguments, make *what)
{
	struct run r = { .status = -1 };
	struct rusage usage;
	FILE *err = program_temporary((struct span){ NULL, 0 });
	pid_t maker, expected, pid;
	int in = begin_making(what, false, &maker), want, out[2], status;
	bool same;

	assert_int_equal(pipe(out), 0);
	pid = program_start(arguments, in, out[1], fileno(err), out[0]);
	close(in);
	close(out[1]);
	want = begin_making(what, true, &expected);
	same = same_comes(out[0], want);
	close(out[0]);
	close(want);
	assert_int_equal(wait4(pid, &status, 0, &usage), pid);
	waitpid(maker, NULL, 0);
	waitpid(expected, NULL, 0);
	read_errors(err, &r.errors);
	if (WIFEXITED(status))
		r.status = WEXITSTATUS(status);
	r.kib = is_measured() ? kib_of(&usage) : 0;
	if (!same)
		fail_msg("something else came out; status %d, %.*s", r.status,
		    (int)r.errors.len, r.errors.s);
	return r;
}

/* Runs it, and says what has to be of the rest: status, KiB, what it tells. */
static void
run_with(const char *const *arguments, make *what, int status, long most,
    const char *tells)
{
	struct run r = run(arguments, what);

	assert_int_equal(text_add_byte(&r.errors, '\0'), 0);
	if (r.status != status || r.kib > most ||
	    (*tells == '\0') != (*r.errors.s == '\0') ||
	    strstr(r.errors.s, tells) == NULL)
		fail_msg("status %d, %ld KiB: %s", r.status, r.kib,
		    r.errors.s);
	text_free(&r.errors);
}

#define ARGUMENTS(...) \
	((const char *const[]){ __VA_ARGS__, "a.b=c.d", NULL })
#define MESSAGE ((const char *const[]){ "a.b=c.d", NULL })

static void
large_header(struct sink *sink, bool out)
{
	repeat(sink, "X-Field-With-A-Name: of some mail program, or other; of "
	    "a hundred bytes with the end of its line .\n", scaled(10000000));
	put(sink, "To: ");
	put_address(sink, out);
	put(sink, "\n\nbody\n");
}

static void
a_header_of_a_gigabyte_passes(void **state)
{
	(void)state;
	run_with(MESSAGE, large_header, 0, LITTLE, "");
}

static void
waiting_header(struct sink *sink, bool out)
{
	if (out)
		put(sink, "X-Original-To: a@a.b\n");
	repeat(sink, "X-Field: waits until the recipients are known\n",
	    scaled(2000000));
	put(sink, "To: ");
	put_address(sink, out);
	put(sink, "\n\nbody\n");
}

static void
a_header_that_has_to_wait_takes_no_memory(void **state)
{
	(void)state;
	run_with(ARGUMENTS("-a"), waiting_header, 0, LITTLE, "");
}

static void
many_fields(struct sink *sink, bool out)
{
	size_t i;

	for (i = scaled(1000000); i > 0; i--) {
		put(sink, "To: ");
		put_address(sink, out);
		put(sink, "\n");
	}
	put(sink, "\nbody\n");
}

static void
a_million_fields_are_rewritten(void **state)
{
	(void)state;
	run_with(MESSAGE, many_fields, 0, LITTLE, "");
}

static void
recipients_as_routes(struct sink *sink, bool out)
{
	if (!out)
		many_fields(sink, false);
	else
		repeat(sink, "a@a.b\trelay\ta@c.d\t\n", scaled(1000000));
}

static void
a_million_recipients_take_no_memory(void **state)
{
	(void)state;
	run_with(ARGUMENTS("-o", "route"), recipients_as_routes, 0, LITTLE,
	    "");
}

static void
many_addresses(struct sink *sink, bool out)
{
	size_t i;

	put(sink, "To: ");
	for (i = scaled(1000000); i > 0; i--) {
		put_address(sink, out);
		put(sink, ",\n ");
	}
	put_address(sink, out);
	put(sink, "\n\nbody\n");
}

static void
a_million_addresses_in_a_field_are_rewritten(void **state)
{
	(void)state;
	run_with(MESSAGE, many_addresses, 0, MUCH, "");
}

/* A field of a tenth of the scale, but of more than 16 MiB. */
static void
large_field(struct sink *sink, bool out)
{
	put(sink, "To: ");
	repeat(sink, "a@a.b,\n ", LONGEST / 8 + scaled(12500000));
	put(sink, "a@a.b\nCc: ");
	put_address(sink, out);
	put(sink, "\n\nbody\n");
}

static void
a_field_of_a_hundred_megabytes_passes_unread(void **state)
{
	(void)state;
	run_with(MESSAGE, large_field, 65, MUCH, "a field longer than 16 MiB");
}

static void
large_list_line(struct sink *sink, bool out)
{
	repeat(sink, "a@a.b, ", LONGEST / 7 + scaled(14000000));
	put(sink, "a@a.b\n");
	put_address(sink, out);
	put(sink, "\n");
}

static void
a_list_line_of_a_hundred_megabytes_passes_unread(void **state)
{
	(void)state;
	run_with(ARGUMENTS("-l"), large_list_line, 65, MUCH, "16 MiB");
}

/* In no format is it anything but bytes; a line end alone ends it. */
static void
long_line(struct sink *sink, bool out)
{
	(void)out;
	repeat(sink, "no field, no command ", scaled(5000000));
	put(sink, "\n");
}

static void
a_line_of_a_hundred_megabytes_passes(void **state)
{
	(void)state;
	run_with(MESSAGE, long_line, 0, LITTLE, "");
	run_with(ARGUMENTS("-i", "mbox"), long_line, 0, LITTLE, "");
	run_with(ARGUMENTS("-i", "smtp"), long_line, 0, LITTLE, "");
	run_with(ARGUMENTS("-i", "text"), long_line, 0, MUCH, "");
}

static void
long_command(struct sink *sink, bool out)
{
	put(sink, "MAIL FROM:<>\r\nRCPT TO:<");
	repeat(sink, "a@a.b>\nRCPT TO:<", scaled(5000000));
	put(sink, "a@a.b>\r\nRCPT TO:<");
	put_address(sink, out);
	put(sink, ">\r\nDATA\r\n\r\n.\r\n");
}

static void
a_command_of_a_hundred_megabytes_is_one(void **state)
{
	(void)state;
	run_with(ARGUMENTS("-i", "smtp"), long_command, 0, LITTLE, "");
}

static void
nested_comments(struct sink *sink, bool out)
{
	put(sink, "To: ");
	repeat(sink, "(", scaled(1000000));
	repeat(sink, ")", scaled(1000000));
	put(sink, " ");
	put_address(sink, out);
	put(sink, "\n\nbody\n");
}

static void
comments_nested_a_million_deep_are_one(void **state)
{
	(void)state;
	run_with(MESSAGE, nested_comments, 0, MUCH, "");
}

/* What the line or field of a run consists of. */
static struct span run_of;

static void
put_run(struct sink *sink)
{
	size_t i;

	for (i = scaled(1000000) / run_of.len + 1; i > 0; i--)
		put_bytes(sink, run_of.s, run_of.len);
}

static void
list_with_run(struct sink *sink, bool out)
{
	put_run(sink);
	put(sink, "\n");
	put_address(sink, out);
	put(sink, "\n");
}

static void
message_with_run(struct sink *sink, bool out)
{
	put(sink, "To: ");
	put_run(sink);
	put(sink, "\nCc: ");
	put_address(sink, out);
	put(sink, "\n\nbody\n");
}

static void
session_with_run(struct sink *sink, bool out)
{
	put(sink, "MAIL FROM:<>\r\nRCPT TO:<");
	put_run(sink);
	put(sink, "\r\nRCPT TO:<");
	put_address(sink, out);
	put(sink, ">\r\n");
}

/* It is not written which of them are lists, and empty ones at that. */
static void
run_through(const char *const *arguments, make *what)
{
	struct run r = run(arguments, what);

	if ((r.status != 0 && r.status != 65) || r.kib > MUCH)
		fail_msg("status %d, %ld KiB: %.*s", r.status, r.kib,
		    (int)r.errors.len, r.errors.s);
	text_free(&r.errors);
}

static void
a_megabyte_of_one_sign_stays_and_takes_nothing_with_it(void **state)
{
	static const struct span runs[] = {
		{ "\0", 1 }, { "\r", 1 }, { "=?", 2 }, { "=?=?utf-8?q?", 12 },
		{ "(", 1 }, { ")", 1 }, { "(\\", 2 }, { "\"", 1 }, { "\\", 1 },
		{ "\"\\", 2 }, { "\\\"", 2 }, { "<", 1 }, { ">", 1 },
		{ "<a@", 3 }, { "@", 1 }, { "a@", 2 }, { "@a,", 3 },
		{ ":", 1 }, { ";", 1 }, { "a:", 2 }, { ",", 1 }, { "[", 1 },
		{ "]", 1 }, { "a@[", 3 }, { ".", 1 }, { " ", 1 }, { "\t", 1 },
		{ "\377", 1 }, { "\342\202", 2 }, { "\300\256", 2 },
		{ "\033[", 2 }, { "a\r", 2 }, { "a ", 2 }
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		run_of = runs[i];
		run_through(ARGUMENTS("-l"), list_with_run);
		run_through(MESSAGE, message_with_run);
		run_through(ARGUMENTS("-i", "smtp"), session_with_run);
	}
}

static bool
set_scale(void)
{
	const char *given = getenv("HOSTILE_MB");
	char *end;
	unsigned long mb = 1000;

	if (given != NULL && *given != '\0') {
		mb = strtoul(given, &end, 10);
		if (*end != '\0' || mb < 1 || mb > 1000000)
			return false;
	}
	scale = mb;
	return true;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_of_a_gigabyte_passes),
		cmocka_unit_test(a_header_that_has_to_wait_takes_no_memory),
		cmocka_unit_test(a_million_fields_are_rewritten),
		cmocka_unit_test(a_million_recipients_take_no_memory),
		cmocka_unit_test(a_million_addresses_in_a_field_are_rewritten),
		cmocka_unit_test(a_field_of_a_hundred_megabytes_passes_unread),
		cmocka_unit_test(
		    a_list_line_of_a_hundred_megabytes_passes_unread),
		cmocka_unit_test(a_line_of_a_hundred_megabytes_passes),
		cmocka_unit_test(a_command_of_a_hundred_megabytes_is_one),
		cmocka_unit_test(comments_nested_a_million_deep_are_one),
		cmocka_unit_test(
		    a_megabyte_of_one_sign_stays_and_takes_nothing_with_it),
	};

	(void)argc;
	if (!set_scale()) {
		fprintf(stderr, "HOSTILE_MB is a number from 1 to 1000000\n");
		return 2;
	}
	program_find(argv[0]);
	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
