/*
 * What a confined process can do, and what kills it; and that the program is
 * confined while it reads.  That all it has to do works confined the other
 * tests show, as it is confined in them.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "confine.h"
#include "program.h"
#include "spool.h"

enum { UNCONFINED = 77, MEMORY = 256 * 1024 * 1024, SPOOLED = 3000000 };

extern char **environ;

static void
open_a_file(void)
{
	(void)open("/dev/null", O_RDONLY);
}

static void
make_a_file(void)
{
	(void)open("made-by-test_confine", O_WRONLY | O_CREAT, 0600);
}

static void
remove_a_file(void)
{
	(void)unlink("made-by-test_confine");
}

static void
make_a_socket(void)
{
	(void)socket(AF_UNIX, SOCK_STREAM, 0);
}

static void
run_a_program(void)
{
	static char name[] = "true";
	char *const arguments[] = { name, NULL };

	execve("/bin/true", arguments, environ);
}

static void
fork_a_process(void)
{
	(void)fork();
}

static void
kill_its_parent(void)
{
	kill(getppid(), 0);
}

static void
make_memory_to_run(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANON, -1, 0);
}

static void
make_memory_run(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON, -1, 0);

	(void)mprotect(at, 4096, PROT_READ | PROT_EXEC);
}

/* Does so in a confined process; what wait(2) then says of it. */
static int
try_confined(void (*act)(void))
{
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (confine() != 1)
			_exit(UNCONFINED);
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Fails where it has to be confined, and is not. */
static bool
is_left_out(int status)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != UNCONFINED)
		return false;
#if defined(__linux__) && defined(__x86_64__) && !defined(CONFINE_LEFT_OUT)
	fail_msg("it is not confined");
#endif
	return true;
}

static void
dies(void **state)
{
	void (*act)(void);
	int status;

	memcpy(&act, *state, sizeof(act));
	status = try_confined(act);
	if (is_left_out(status))
		skip();
#ifdef __linux__
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
#else
	skip();
#endif
}

static void
read_and_write(void)
{
	struct pollfd p;
	int ends[2] = { STDIN_FILENO, STDOUT_FILENO };
	char byte;

	p = (struct pollfd){ .fd = ends[1], .events = POLLOUT };
	if (poll(&p, 1, -1) != 1 || write(ends[1], "x", 1) != 1 ||
	    read(ends[0], &byte, 1) != 1 || byte != 'x')
		_exit(1);
	if (fprintf(stdout, "%s", "y") != 1 || fflush(stdout) == EOF ||
	    read(ends[0], &byte, 1) != 1 || byte != 'y')
		_exit(2);
}

static void
reading_and_writing_go_on(void **state)
{
	int ends[2], in = dup(STDIN_FILENO), out = dup(STDOUT_FILENO), status;

	(void)state;
	fflush(stdout);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[0], STDIN_FILENO);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[0]);
	close(ends[1]);
	status = try_confined(read_and_write);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	close(in);
	close(out);
	if (is_left_out(status))
		skip();
	assert_int_equal(status, 0);
}

static void
take_memory(void)
{
	size_t size;
	char *s = NULL;

	for (size = 16; size <= MEMORY; size *= 2) {
		if ((s = realloc(s, size)) == NULL)
			_exit(1);
		memset(s + size / 2, 'x', size / 2);
	}
	free(s);
	if ((s = calloc(MEMORY, 1)) == NULL || s[MEMORY - 1] != '\0')
		_exit(2);
	free(s);
}

static void
memory_is_still_to_be_had(void **state)
{
	int status = try_confined(take_memory);

	(void)state;
	if (is_left_out(status))
		skip();
	assert_int_equal(status, 0);
}

static int
compare_bytes(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

/* Enough that glibc asks how much memory there is. */
static void
sort_much(void)
{
	static char bytes[100000];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i % 7);
	qsort(bytes, sizeof(bytes), 1, compare_bytes);
	if (bytes[0] != 0 || bytes[sizeof(bytes) - 1] != 6)
		_exit(1);
}

static void
sorting_goes_on(void **state)
{
	int status = try_confined(sort_much);

	(void)state;
	if (is_left_out(status))
		skip();
	assert_int_equal(status, 0);
}

static struct spool_file file;

static int
check_spooled(void *with, struct span s)
{
	size_t *seen = with, i;

	for (i = 0; i < s.len; i++, ++*seen)
		if ((unsigned char)s.s[i] != *seen % 251)
			return 1;
	return 0;
}

/* Two in turn, each of them larger by far than what stays in memory. */
static void
spool_much(void)
{
	struct spool a = { .file = &file }, b = { .file = &file };
	size_t i, seen_a = 0, seen_b = 0;
	char byte;

	for (i = 0; i < SPOOLED; i++) {
		byte = (char)(i % 251);
		if (spool_add(&a, (struct span){ &byte, 1 }) == -1 ||
		    spool_add(&b, (struct span){ &byte, 1 }) == -1)
			_exit(1);
	}
	if (file.size == 0)
		_exit(2);
	if (spool_each(&b, check_spooled, &seen_b) != 0 ||
	    spool_each(&a, check_spooled, &seen_a) != 0 ||
	    seen_a != SPOOLED || seen_b != SPOOLED)
		_exit(3);
	spool_clear(&a);
	if (!spool_is_empty(&a) || spool_is_empty(&b))
		_exit(4);
	spool_free(&b);
	if (file.size != 0)
		_exit(5);
	spool_free(&a);
}

static void
spools_go_on_with_the_file_they_have(void **state)
{
	int status;

	(void)state;
	spool_file_open(&file);
	status = try_confined(spool_much);
	spool_file_close(&file);
	if (is_left_out(status))
		skip();
	assert_int_equal(status, 0);
}

#ifdef __linux__
/* What the kernel says of a process, in the line of that name; 0 if nothing. */
static int
told_by_kernel(pid_t pid, const char *name)
{
	struct text t = { 0 };
	char path[64];
	const char *line;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	if (!program_read_file(path, &t))
		fail_msg("%s cannot be read", path);
	assert_int_equal(text_add_byte(&t, '\0'), 0);
	if ((line = strstr(t.s, name)) != NULL)
		n = atoi(line + strlen(name));
	text_free(&t);
	return n;
}

/* Starts the program, and looks at it when it has written and waits. */
static void
look_while_it_waits(const char *const *arguments)
{
	int in[2], out[2], status;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pid = program_start(arguments, in[0], out[1], STDERR_FILENO, in[1]);
	close(in[0]);
	close(out[1]);
	assert_int_equal(write(in[1], "a: b\n\nc\n", 8), 8);
	assert_int_equal(read(out[0], &byte, 1), 1);
	assert_int_equal(told_by_kernel(pid, "\nSeccomp:"), 2);
	assert_int_equal(told_by_kernel(pid, "\nNoNewPrivs:"), 1);
	close(in[1]);
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}
#endif

static void
the_program_is_confined_while_it_waits_for_input(void **state)
{
#ifdef __linux__
	static const char *const waiting[][7] = {
		{ "a.example=b.example", NULL },
		{ "-i", "mbox", "a.example=b.example", NULL },
		{ "-r", "a@a.example", "-o", "json", "-f", "/dev/null" },
		{ "-i", "smtp", "a.example=b.example", NULL },
		{ "-f", "/dev/null", NULL },
		{ "-r", "a@a.example", "-o", "smtp", "a.example=b.example",
		    NULL },
	};
	size_t i;

	(void)state;
	if (getenv("TEST_UNDER") != NULL && *getenv("TEST_UNDER") != '\0')
		skip();
	if (is_left_out(try_confined(sort_much)))
		skip();
	for (i = 0; i < sizeof(waiting) / sizeof(*waiting); i++)
		look_while_it_waits(waiting[i]);
#else
	(void)state;
	skip();
#endif
}

int
main(int argc, char **argv)
{
	static void (*acts[])(void) = { open_a_file, make_a_file,
	    remove_a_file, make_a_socket, run_a_program, fork_a_process,
	    kill_its_parent, make_memory_to_run, make_memory_run };
	const struct CMUnitTest tests[] = {
		{ "who_opens_a_file_dies", dies, NULL, NULL, &acts[0] },
		{ "who_makes_a_file_dies", dies, NULL, NULL, &acts[1] },
		{ "who_removes_a_file_dies", dies, NULL, NULL, &acts[2] },
		{ "who_makes_a_socket_dies", dies, NULL, NULL, &acts[3] },
		{ "who_runs_a_program_dies", dies, NULL, NULL, &acts[4] },
		{ "who_forks_dies", dies, NULL, NULL, &acts[5] },
		{ "who_kills_another_dies", dies, NULL, NULL, &acts[6] },
		{ "who_makes_memory_to_run_dies", dies, NULL, NULL, &acts[7] },
		{ "who_makes_memory_run_dies", dies, NULL, NULL, &acts[8] },
		cmocka_unit_test(reading_and_writing_go_on),
		cmocka_unit_test(memory_is_still_to_be_had),
		cmocka_unit_test(sorting_goes_on),
		cmocka_unit_test(spools_go_on_with_the_file_they_have),
		cmocka_unit_test(
		    the_program_is_confined_while_it_waits_for_input),
	};

	(void)argc;
	program_find(argv[0]);
	return cmocka_run_group_tests_name("confine", tests, NULL, NULL);
}
