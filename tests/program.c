#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

/* Each read from such a socket gets what one write put there. */
#ifdef __APPLE__
#define PIECES SOCK_STREAM
#else
#define PIECES SOCK_SEQPACKET
#endif

enum { MOST_ARGUMENTS = 320 };

extern char **environ;

static char *program;

void
program_find(const char *test)
{
	program_find_as(test, "../rewrite");
}

void
program_find_as(const char *test, const char *name)
{
	const char *slash = strrchr(test, '/');
	char here[4096];
	size_t size;

	signal(SIGPIPE, SIG_IGN);
	if (getcwd(here, sizeof(here)) == NULL)
		abort();
	size = strlen(here) + strlen(test) + strlen(name) + 3;
	if ((program = malloc(size)) == NULL)
		abort();
	snprintf(program, size, "%s/%.*s/%s", test[0] == '/' ? "" : here,
	    (int)(slash == NULL ? 0 : slash - test), test, name);
}

bool
program_read_file(const char *path, struct text *t)
{
	FILE *f = fopen(path, "rb");
	char block[4096];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		assert_int_equal(text_add(t, block, n), 0);
	assert_false(ferror(f));
	fclose(f);
	return true;
}

FILE *
program_temporary(struct span content)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	if (content.len > 0)
		assert_int_equal(fwrite(content.s, 1, content.len, f),
		    content.len);
	assert_int_equal(fflush(f), 0);
	rewind(f);
	return f;
}

static void
read_back(FILE *f, struct text *t)
{
	char block[4096];
	ssize_t n;

	assert_int_equal(lseek(fileno(f), 0, SEEK_SET), 0);
	while ((n = read(fileno(f), block, sizeof(block))) > 0)
		assert_int_equal(text_add(t, block, (size_t)n), 0);
	fclose(f);
}

/* The command line: TEST_UNDER, word by word, before the program. */
static void
command_line(const char **argv, const char *const *arguments)
{
	static char under[1024];
	const char *wanted = getenv("TEST_UNDER");
	size_t n = 0;
	char *word;

	snprintf(under, sizeof(under), "%s", wanted == NULL ? "" : wanted);
	for (word = strtok(under, " "); word != NULL; word = strtok(NULL, " "))
		argv[n++] = word;
	argv[n++] = program;
	while (*arguments != NULL) {
		assert_true(n < MOST_ARGUMENTS);
		argv[n++] = *arguments++;
	}
	argv[n] = NULL;
}

static void
hand_over(posix_spawn_file_actions_t *actions, int fd, int as)
{
	if (fd == -1)
		posix_spawn_file_actions_addclose(actions, as);
	else
		posix_spawn_file_actions_adddup2(actions, fd, as);
}

pid_t
program_start(const char *const *arguments, int in, int out, int err,
    int hidden)
{
	const char *argv[MOST_ARGUMENTS + 1];
	posix_spawn_file_actions_t actions;
	pid_t pid;

	command_line(argv, arguments);
	posix_spawn_file_actions_init(&actions);
	hand_over(&actions, in, STDIN_FILENO);
	hand_over(&actions, out, STDOUT_FILENO);
	hand_over(&actions, err, STDERR_FILENO);
	if (hidden != -1)
		posix_spawn_file_actions_addclose(&actions, hidden);
	assert_int_equal(posix_spawnp(&pid, argv[0], &actions, NULL,
	    (char *const *)(uintptr_t)argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* How many bytes the next read is to get; mostly few. */
static size_t
next_piece(enum feed feed, uint32_t *state)
{
	if (feed == BY_BYTE)
		return 1;
	*state = *state * 1664525u + 1013904223u;
	return 1 + (*state >> 8) % (*state >> 30 == 0 ? 3000 : 90);
}

static void
feed_pieces(int fd, struct span input, enum feed feed)
{
	uint32_t state = (uint32_t)input.len;
	size_t n;

	for (; input.len > 0; input.s += n, input.len -= n) {
		n = next_piece(feed, &state);
		if (n > input.len)
			n = input.len;
		if (write(fd, input.s, n) != (ssize_t)n)
			break;	/* it ended before its input did */
	}
	close(fd);
}

int
program_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

struct result
program_run(const char *const *arguments, struct span input, enum feed feed)
{
	struct result r = { .status = 0 };
	FILE *out = program_temporary((struct span){ NULL, 0 });
	FILE *err = program_temporary((struct span){ NULL, 0 });
	FILE *in;
	int ends[2];
	pid_t pid;

	if (feed == WHOLE) {
		in = program_temporary(input);
		pid = program_start(arguments, fileno(in), fileno(out),
		    fileno(err), -1);
		fclose(in);
	} else {
		assert_int_equal(socketpair(AF_UNIX, PIECES, 0, ends), 0);
		pid = program_start(arguments, ends[0], fileno(out),
		    fileno(err), ends[1]);
		close(ends[0]);
		feed_pieces(ends[1], input, feed);
	}
	r.status = program_wait(pid);
	read_back(out, &r.output);
	read_back(err, &r.errors);
	return r;
}

void
program_free(struct result *r)
{
	text_free(&r->output);
	text_free(&r->errors);
}
