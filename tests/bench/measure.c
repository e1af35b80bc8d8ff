/*
 * Measures a command:
 *
 *	measure [-p] [-n TIMES] [-o OUTPUT] INPUT COMMAND [ARGUMENT ...]
 *
 * runs it that many times with INPUT on its standard input, and writes a
 * line: seconds of wall time and of CPU time (user and system) for each
 * run, the most memory it took in KiB, and its exit status.  What it
 * writes goes to OUTPUT, or to /dev/null; what it complains of, to
 * /dev/null.  With -p both its input and its output are pipes, written and
 * read by other processes, whose CPU time is not counted.
 */
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct measurement {
	double wall;
	double cpu;
	long memory;
	int status;
};

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(2);
}

static int
open_or_die(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC, 0666);

	if (fd < 0)
		die(name);
	return fd;
}

static void
pipe_or_die(int ends[2])
{
	if (pipe(ends) != 0)
		die("pipe");
	if (fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0)
		die("fcntl");
}

static pid_t
fork_or_die(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	return pid;
}

/* Copies all of one file to another; as one end of a pipe for the command. */
static _Noreturn void
copy(int from, int to)
{
	static char block[65536];
	ssize_t n, written, done;

	while ((n = read(from, block, sizeof(block))) > 0)
		for (done = 0; done < n; done += written)
			if ((written = write(to, block + done,
			    (size_t)(n - done))) <= 0)
				_exit(2);
	_exit(n == 0 ? 0 : 2);
}

/* Starts a process that feeds *in, or drains *out, by a pipe. */
static pid_t
put_pipe_before(int *in)
{
	int ends[2];
	pid_t pid;

	pipe_or_die(ends);
	if ((pid = fork_or_die()) == 0) {
		close(ends[0]);
		copy(*in, ends[1]);
	}
	close(ends[1]);
	close(*in);
	*in = ends[0];
	return pid;
}

static pid_t
put_pipe_behind(int *out, int other)
{
	int ends[2];
	pid_t pid;

	pipe_or_die(ends);
	if ((pid = fork_or_die()) == 0) {
		close(ends[1]);
		close(other);
		copy(ends[0], *out);
	}
	close(ends[0]);
	close(*out);
	*out = ends[1];
	return pid;
}

static double
seconds_now(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		die("clock_gettime");
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static _Noreturn void
run(int in, int out, int errors, char **command)
{
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(errors, 2) < 0)
		_exit(127);
	execvp(command[0], command);
	_exit(127);
}

/* Waits for a process, and adds what it took to *m unless that is NULL. */
static void
wait_for(pid_t pid, struct measurement *m)
{
	struct rusage usage;
	int status;

	if (wait4(pid, &status, 0, &usage) < 0)
		die("wait4");
	if (m == NULL)
		return;
	m->cpu += seconds(usage.ru_utime) + seconds(usage.ru_stime);
	if (usage.ru_maxrss > m->memory)
		m->memory = usage.ru_maxrss;
	m->status = WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

static void
measure(const char *input, const char *output, bool pipes, char **command,
    struct measurement *m)
{
	int in = open_or_die(input, O_RDONLY);
	int out = open_or_die(output, O_WRONLY | O_CREAT | O_TRUNC);
	int errors = open_or_die("/dev/null", O_WRONLY);
	pid_t before = -1, behind = -1, pid;
	double start = seconds_now();

	if (pipes) {
		before = put_pipe_before(&in);
		behind = put_pipe_behind(&out, in);
	}
	if ((pid = fork_or_die()) == 0)
		run(in, out, errors, command);
	close(in);
	close(out);
	close(errors);
	wait_for(pid, m);
	if (pipes) {
		wait_for(behind, NULL);
		wait_for(before, NULL);
	}
	m->wall += seconds_now() - start;
}

static _Noreturn void
usage(void)
{
	fputs("usage: measure [-p] [-n TIMES] [-o OUTPUT] "
	    "INPUT COMMAND [ARGUMENT ...]\n", stderr);
	exit(2);
}

int
main(int argc, char **argv)
{
	struct measurement m = { 0, 0, 0, 0 };
	const char *output = "/dev/null";
	long i, times = 1;
	bool pipes = false;
	int option;

	/* POSIX ends options at the first operand; glibc wants it said. */
	while ((option = getopt(argc, argv, "+n:o:p")) != -1)
		if (option == 'n')
			times = strtol(optarg, NULL, 10);
		else if (option == 'o')
			output = optarg;
		else if (option == 'p')
			pipes = true;
		else
			usage();
	if (argc - optind < 2 || times < 1)
		usage();
	for (i = 0; i < times; i++)
		measure(argv[optind], output, pipes, argv + optind + 1, &m);
	printf("%.6f\t%.6f\t%ld\t%d\n", m.wall / (double)times,
	    m.cpu / (double)times, m.memory, m.status);
	return fflush(stdout) == 0 ? 0 : 2;
}
