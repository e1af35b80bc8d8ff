/*
 * Standard input and output as they can be: closed, full, left by their
 * reader, or such that they do not wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

enum { CLOSED = -1, NONE = -1 };

static const char *const list[] = { "-l", "x=y", NULL };
static const char *const smtp[] = { "-o", "smtp", "x=y", NULL };
static const char *const check[] = { "-c", "x=z", "y=x", "z=y", NULL };
static const char *const query[] = { "-q", "a@x", "x=y", NULL };
static const char *const help[] = { "--help", NULL };

/* A message with a header that is put aside in a file. */
static struct text
long_message(void)
{
	struct text t = { 0 };
	size_t i;

	assert_int_equal(text_printf(&t, "From: f@x\nTo: a@x\n"), 0);
	for (i = 0; i < 30000; i++)
		assert_int_equal(text_printf(&t, "X-Header: of no account, "
		    "and this is number %zu\n", i), 0);
	assert_int_equal(text_printf(&t, "\nbody\n"), 0);
	return t;
}

static void
read_all(int fd, struct text *t)
{
	char block[4096];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		assert_int_equal(text_add(t, block, (size_t)n), 0);
	assert_int_equal(n, 0);
}

static struct text
read_file(FILE *f)
{
	struct text t = { 0 };

	rewind(f);
	read_all(fileno(f), &t);
	fclose(f);
	return t;
}

/* Runs it with some input, and fails unless it ends so and says why. */
static void
assert_ends(const char *const *arguments, int in, int out, int status,
    const char *why)
{
	FILE *err = program_temporary((struct span){ NULL, 0 });
	pid_t pid = program_start(arguments, in, out, fileno(err), NONE);
	struct text errors;

	assert_int_equal(program_wait(pid), status);
	errors = read_file(err);
	assert_int_equal(text_add_byte(&errors, '\0'), 0);
	if (strstr(errors.s, why) == NULL)
		fail_msg("it does not say \"%s\" but:\n%s", why, errors.s);
	text_free(&errors);
}

static void
assert_output_fails(const char *const *arguments, int out, int status,
    int error)
{
	FILE *in = program_temporary(span_of("To: a@x\n\nbody\n"));

	assert_ends(arguments, fileno(in), out, status, strerror(error));
	fclose(in);
}

static void
assert_all_outputs_fail(int out, int status, int error)
{
	assert_output_fails(list, out, status, error);
	assert_output_fails(smtp, out, status, error);
	assert_output_fails(check, out, status, error);
	assert_output_fails(query, out, status, error);
	assert_output_fails(help, out, status, error);
}

static void
full_output_is_to_be_tried_again(void **state)
{
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	if (fd == -1) {
		print_message("there is no /dev/full\n");
		skip();
	}
	assert_all_outputs_fail(fd, 75, ENOSPC);
	close(fd);
}

/* By a limit on what a process may write to one file. */
static void
output_that_may_grow_no_more_is_an_error(void **state)
{
	struct text message = long_message();
	FILE *in = program_temporary(text_span(&message));
	FILE *out = program_temporary((struct span){ NULL, 0 });
	struct rlimit before, limit;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_ends(list, fileno(in), fileno(out), 74, strerror(EFBIG));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	fclose(in);
	fclose(out);
	text_free(&message);
}

static void
closed_output_is_an_error(void **state)
{
	(void)state;
	assert_all_outputs_fail(CLOSED, 74, EBADF);
}

/* What the file of a spool would be opened as. */
static void
closed_output_is_no_place_for_what_is_put_aside(void **state)
{
	struct text message = long_message();
	FILE *in = program_temporary(text_span(&message));

	(void)state;
	assert_ends(smtp, fileno(in), CLOSED, 74, strerror(EBADF));
	fclose(in);
	text_free(&message);
}

static void
closed_input_is_an_error(void **state)
{
	FILE *out = program_temporary((struct span){ NULL, 0 });
	struct text output;

	(void)state;
	assert_ends(list, CLOSED, fileno(out), 74, strerror(EBADF));
	output = read_file(out);
	assert_int_equal(output.len, 0);
}

static void
closed_errors_are_not_put_among_mail(void **state)
{
	const char *arguments[] = { "-v", "-o", "smtp", "x=y", NULL };
	struct text message = long_message(), output;
	struct result whole = program_run(arguments, text_span(&message),
	    WHOLE);
	FILE *in = program_temporary(text_span(&message));
	FILE *out = program_temporary((struct span){ NULL, 0 });
	pid_t pid = program_start(arguments, fileno(in), fileno(out), CLOSED,
	    NONE);

	(void)state;
	assert_int_equal(program_wait(pid), 0);
	output = read_file(out);
	assert_true(span_equal(text_span(&output), text_span(&whole.output)));
	fclose(in);
	text_free(&output);
	text_free(&message);
	program_free(&whole);
}

static void
reader_that_has_gone_is_an_error(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_all_outputs_fail(ends[1], 74, EPIPE);
	close(ends[1]);
}

static void
do_not_wait(int fd)
{
	assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK),
	    0);
}

static void
output_that_does_not_wait_is_waited_for(void **state)
{
	struct text message = long_message(), output = { 0 };
	struct result whole = program_run(smtp, text_span(&message), WHOLE);
	FILE *in = program_temporary(text_span(&message));
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	do_not_wait(ends[1]);
	pid = program_start(smtp, fileno(in), ends[1], STDERR_FILENO, ends[0]);
	close(ends[1]);
	read_all(ends[0], &output);
	close(ends[0]);
	assert_int_equal(program_wait(pid), 0);
	assert_true(span_equal(text_span(&output), text_span(&whole.output)));
	fclose(in);
	text_free(&output);
	text_free(&message);
	program_free(&whole);
}

/* Each line is written when the one before has come back. */
static void
input_that_does_not_wait_is_waited_for(void **state)
{
	int in[2], out[2], i;
	char answer[4] = "";
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	do_not_wait(in[0]);
	assert_int_equal(fcntl(in[1], F_SETFD, FD_CLOEXEC), 0);
	pid = program_start(list, in[0], out[1], STDERR_FILENO, out[0]);
	close(in[0]);
	close(out[1]);
	for (i = 0; i < 100; i++) {
		assert_int_equal(write(in[1], "a@x\n", 4), 4);
		assert_int_equal(read(out[0], answer, 4), 4);
		assert_memory_equal(answer, "a@y\n", 4);
	}
	close(in[1]);
	assert_int_equal(read(out[0], answer, 4), 0);
	close(out[0]);
	assert_int_equal(program_wait(pid), 0);
}

/* The libc says which option it is, and each in its own words. */
static void
an_option_that_is_none_is_told_of(void **state)
{
	const char *arguments[] = { "-Z", "x=y", NULL };
	FILE *in = program_temporary((struct span){ NULL, 0 });

	(void)state;
	assert_ends(arguments, fileno(in), STDERR_FILENO, 64,
	    "rewrite: try rewrite --help");
	fclose(in);
}

/* It cannot be mapped, nor can its first bytes be looked at alone. */
static void
assert_table_in_a_pipe(const char *table, const char *want)
{
	const char *arguments[] = { "-f", "/dev/stdin", "-q", "a@x", NULL };
	FILE *out = program_temporary((struct span){ NULL, 0 });
	size_t len = strlen(table);
	struct text output;
	int in[2];
	pid_t pid;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(write(in[1], table, len), (ssize_t)len);
	close(in[1]);
	pid = program_start(arguments, in[0], fileno(out), STDERR_FILENO,
	    NONE);
	close(in[0]);
	assert_int_equal(program_wait(pid), 0);
	output = read_file(out);
	assert_true(span_equal(text_span(&output), span_of(want)));
	text_free(&output);
}

static void
a_table_may_come_from_a_pipe(void **state)
{
	(void)state;
	assert_table_in_a_pipe("# x is y now\nx y\n", "a@x\n"
	    "/dev/stdin:2: x -> y: a@y\na@y goes on to its own domain\n");
	assert_table_in_a_pipe("#\n", "a@x\n"
	    "a@x goes on to its own domain\n");
}

/* It waits for input, is asked, and goes on. */
static void
a_signal_asks_for_a_summary(void **state)
{
	FILE *err = program_temporary((struct span){ NULL, 0 });
	char answer[4] = "";
	struct text errors;
	int in[2], out[2], i;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	assert_int_equal(fcntl(in[1], F_SETFD, FD_CLOEXEC), 0);
	pid = program_start(list, in[0], out[1], fileno(err), out[0]);
	close(in[0]);
	close(out[1]);
	for (i = 0; i < 2; i++) {
		assert_int_equal(write(in[1], "a@x\n", 4), 4);
		assert_int_equal(read(out[0], answer, 4), 4);
		assert_memory_equal(answer, "a@y\n", 4);
		assert_int_equal(kill(pid, i == 0 ? SIGUSR1 : 0), 0);
	}
	close(in[1]);
	assert_int_equal(program_wait(pid), 0);
	close(out[0]);
	errors = read_file(err);
	assert_true(span_contains_fold(text_span(&errors),
	    span_of(" bytes, 0 messages, ")));
	text_free(&errors);
}

/* Standard error is the client's, too, as under spawn(8) of Postfix. */
static void
answers_to_postfix_have_nothing_among_them(void **state)
{
	static const char *const arguments[] = { "-v", "-i", "tcp_table", "-o",
		"rcpt", "x=y", "a=b", "b=a", NULL };
	static const char *const asked[] = { "get a@x\n", "get q@a\n" };
	static const char *const first[] = { "200 a@y\n", "400 \"q@a\"" };
	struct text summary = { 0 };
	char answer[256];
	int in[2], out[2], i;
	ssize_t n;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	assert_int_equal(fcntl(in[1], F_SETFD, FD_CLOEXEC), 0);
	pid = program_start(arguments, in[0], out[1], out[1], out[0]);
	close(in[0]);
	close(out[1]);
	for (i = 0; i < 60; i++) {
		assert_int_equal(write(in[1], asked[i % 2], 8), 8);
		n = read(out[0], answer, sizeof(answer));
		assert_true(n > 8 || (n == 8 && i % 2 == 0));
		assert_memory_equal(answer, first[i % 2], 8);
		assert_ptr_equal(memchr(answer, '\n', (size_t)n),
		    answer + n - 1);
		assert_int_equal(kill(pid, SIGUSR1), 0);
	}
	close(in[1]);
	read_all(out[0], &summary);
	assert_true(span_begins_fold(text_span(&summary),
	    "rewrite: 480 bytes, 0 messages, 60 addresses: "));
	assert_int_equal(span_lines(text_span(&summary)), 1);
	text_free(&summary);
	close(out[0]);
	assert_int_equal(program_wait(pid), 65);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_output_is_to_be_tried_again),
		cmocka_unit_test(output_that_may_grow_no_more_is_an_error),
		cmocka_unit_test(closed_output_is_an_error),
		cmocka_unit_test(
		    closed_output_is_no_place_for_what_is_put_aside),
		cmocka_unit_test(closed_input_is_an_error),
		cmocka_unit_test(closed_errors_are_not_put_among_mail),
		cmocka_unit_test(reader_that_has_gone_is_an_error),
		cmocka_unit_test(output_that_does_not_wait_is_waited_for),
		cmocka_unit_test(input_that_does_not_wait_is_waited_for),
		cmocka_unit_test(a_signal_asks_for_a_summary),
		cmocka_unit_test(answers_to_postfix_have_nothing_among_them),
		cmocka_unit_test(an_option_that_is_none_is_told_of),
		cmocka_unit_test(a_table_may_come_from_a_pipe),
	};

	(void)argc;
	program_find(argv[0]);
	return cmocka_run_group_tests_name("streams", tests, NULL, NULL);
}
