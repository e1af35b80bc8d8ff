/*
 * rewrite: the options, and one reader tied to one writer.  See rewrite(1).
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "domain.h"
#include "read_list.h"
#include "read_message.h"
#include "write_same.h"
#include "table.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

/* Troubles of the input that are told one by one; of the rest, how many. */
enum { MOST_REPORTS = 20 };

enum input_format { INPUT_MESSAGE, INPUT_LIST };

static struct {
	enum input_format input;
	char list_end;
	const char *recipients;	/* names of fields, or NULL */
	struct router_options router;
	const char **files;
	size_t n_files;
} options = { .input = INPUT_MESSAGE, .list_end = '\n' };

/* What was told of while it ran. */
struct state {
	size_t table_errors;
	size_t troubles;
};

static const char help[] =
    "usage: rewrite [-01l] [-f FILE] [-H NAMES] [-i FORMAT] [-u DOMAIN]\n"
    "               [-x CHARS] [SENT-TO=ROUTE ...] < input > output\n"
    "\n"
    "Rewrites the addresses in a message, or in lists of them, by a table.\n"
    "\n"
    "  -f, --file FILE         read rules from FILE, one a line (any number)\n"
    "  -i, --input FORMAT      message (default) or list\n"
    "  -l, --list              same as -i list: address lists, one a line\n"
    "  -0, --null              lists end in NUL instead of newline\n"
    "  -o, --output FORMAT     same (default): the input, rewritten\n"
    "  -H, --header NAMES      rewrite these fields instead of To, Cc, Bcc and\n"
    "                          Resent-To, -Cc, -Bcc; separated by commas\n"
    "  -u, --unqualified DOMAIN   domain of addresses that have none\n"
    "  -x, --extension CHARS   user+detail@ goes as user@; CHARS, like +, part\n"
    "  -1, --once              rewrite an address once at most\n"
    "  -h, --help              this text\n"
    "  -V, --version           the version\n"
    "\n"
    "Sent to: user@example.com, example.com, *.example.com, .example.com (both),\n"
    "    user@*, sales-*@example.com, /REGEX/, *; for senders from: before it\n"
    "Route: inbound, DOMAIN, ADDRESS, several of these (A,B), forward:HOST:PORT,\n"
    "    keep, reject:TEXT, discard; $1 to $9 are what * or groups stood for\n"
    "\n"
    "Example: rewrite cpandl.net=adatum.com adatum.com=inbound < message\n"
    "Exit status: 0 good, 64 usage, 65 input, 66 no table, 74 I/O, 75 memory or\n"
    "    space, 78 table.  Manual: rewrite(1), and rewrite(5) for tables\n";

static const char short_options[] = "01H:Vf:hi:lo:u:x:";

static const struct option long_options[] = {
	{ "null", no_argument, NULL, '0' },
	{ "once", no_argument, NULL, '1' },
	{ "header", required_argument, NULL, 'H' },
	{ "version", no_argument, NULL, 'V' },
	{ "file", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "input", required_argument, NULL, 'i' },
	{ "list", no_argument, NULL, 'l' },
	{ "output", required_argument, NULL, 'o' },
	{ "unqualified", required_argument, NULL, 'u' },
	{ "extension", required_argument, NULL, 'x' },
	{ NULL, 0, NULL, 0 }
};

/* ---------------------------------------------------------- errors */

static void __attribute__((format(printf, 2, 3), noreturn))
die(int status, const char *format, ...)
{
	va_list args;

	fputs("rewrite: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

static void
die_of_memory(void)
{
	die(EX_TEMPFAIL, "out of memory; try again");
}

static void
say_table_error(void *with, const char *file, size_t line,
    struct span message)
{
	struct state *state = with;

	state->table_errors++;
	fprintf(stderr, "rewrite: %s:%zu: %.*s\n", file, line,
	    (int)message.len, message.s);
}

static void
say_trouble(void *with, enum trouble trouble, size_t line,
    struct span message)
{
	struct state *state = with;

	(void)trouble;
	if (state->troubles++ >= MOST_REPORTS)
		return;
	fprintf(stderr, "rewrite: standard input:%zu: %.*s\n", line,
	    (int)message.len, message.s);
}

/* --------------------------------------------------------- options */

static void
set_input(const char *format)
{
	if (strcmp(format, "message") == 0)
		options.input = INPUT_MESSAGE;
	else if (strcmp(format, "list") == 0)
		options.input = INPUT_LIST;
	else
		die(EX_USAGE, "-i %s: unknown input format; it can be message "
		    "or list", format);
}

static void
set_output(const char *format)
{
	if (strcmp(format, "same") != 0)
		die(EX_USAGE, "-o %s: unknown output format; it can be same",
		    format);
}

static void
set_unqualified(const char *domain)
{
	struct text canonical = { 0 };
	const char *wrong;

	if (text_add_span(&canonical, span_of(domain)) == -1 ||
	    domain_canonical(&canonical, 0) == -1)
		die_of_memory();
	if ((wrong = domain_unusable(text_span(&canonical))) != NULL)
		die(EX_USAGE, "-u %s: this %s", domain, wrong);
	text_free(&canonical);
	options.router.domain = span_of(domain);
}

static void
set_option(int option, const char *argument)
{
	switch (option) {
	case '0':
		options.list_end = '\0';
		break;
	case '1':
		options.router.once = true;
		break;
	case 'H':
		options.recipients = argument;
		break;
	case 'V':
		puts("rewrite " VERSION);
		exit(fflush(stdout) == 0 ? EX_OK : EX_IOERR);
	case 'f':
		options.files[options.n_files++] = argument;
		break;
	case 'h':
		fputs(help, stdout);
		exit(fflush(stdout) == 0 ? EX_OK : EX_IOERR);
	case 'i':
		set_input(argument);
		break;
	case 'l':
		options.input = INPUT_LIST;
		break;
	case 'o':
		set_output(argument);
		break;
	case 'u':
		set_unqualified(argument);
		break;
	case 'x':
		options.router.delimiters = argument;
		break;
	default:
		die(EX_USAGE, "try rewrite --help, or the manual, rewrite(1)");
	}
}

static void
parse_options(int argc, char **argv)
{
	int option;

	if ((options.files = calloc((size_t)argc + 1,
	    sizeof(*options.files))) == NULL)
		die_of_memory();
	while ((option = getopt_long(argc, argv, short_options, long_options,
	    NULL)) != -1)
		set_option(option, optarg);
	if (options.n_files == 0 && optind == argc)
		die(EX_USAGE, "no rules; give a table with -f FILE, or rules "
		    "as SENT-TO=ROUTE (see rewrite --help)");
	if (options.list_end == '\0' && options.input != INPUT_LIST)
		die(EX_USAGE, "-0 is for lists; give -l with it");
	if (options.recipients != NULL && options.input != INPUT_MESSAGE)
		die(EX_USAGE, "-H names header fields; a list has none");
}

/* ----------------------------------------------------------- table */

static void
read_file(struct rules *rules, const char *file,
    const struct table_errors *errors)
{
	struct input in;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		die(EX_NOINPUT, "%s: %s; the table cannot be opened", file,
		    strerror(errno));
	if (input_open(&in, fd, NULL) == -1)
		die_of_memory();
	if (table_read(rules, &in, file, errors) == -1) {
		if (errno == ENOMEM)
			die_of_memory();
		die(errno == EFBIG ? EX_CONFIG : EX_NOINPUT,
		    "%s: %s; the table cannot be read", file,
		    strerror(errno));
	}
	input_free(&in);
	close(fd);
}

/* Reads all of the table, and goes no further if there is an error in it. */
static struct rules *
read_table(struct state *state, char **arguments, size_t n)
{
	const struct table_errors errors = { say_table_error, state };
	struct rules *rules = rules_new();
	size_t i;

	if (rules == NULL)
		die_of_memory();
	for (i = 0; i < options.n_files; i++)
		read_file(rules, options.files[i], &errors);
	for (i = 0; i < n; i++)
		if (table_read_argument(rules, arguments[i], i + 1,
		    &errors) == -1)
			die_of_memory();
	if (state->table_errors > 0)
		die(EX_CONFIG, "%zu %s in the table; nothing was written",
		    state->table_errors,
		    state->table_errors == 1 ? "error" : "errors");
	if (rules_finish(rules) == -1)
		die_of_memory();
	return rules;
}

/* ------------------------------------------------------------ main */

static int
read_input(struct input *in, struct filter *filter)
{
	switch (options.input) {
	case INPUT_LIST:
		return read_list(in, filter, options.list_end);
	case INPUT_MESSAGE:
	default:
		return read_message(in, filter, options.recipients);
	}
}

/* The status for an error of input or output. */
static void
check_stream(const char *name, int error)
{
	if (error == 0)
		return;
	if (error == ENOMEM)
		die_of_memory();
	die(error == ENOSPC || error == EDQUOT ? EX_TEMPFAIL : EX_IOERR,
	    "standard %s: %s; the output is not whole", name,
	    strerror(error));
}

static int
filter_input(struct rules *rules, struct state *state)
{
	struct input in;
	struct output out;
	struct same same;
	struct filter filter = { .report = say_trouble, .with = state };

	if (output_open(&out, STDOUT_FILENO) == -1 ||
	    input_open(&in, STDIN_FILENO, &out) == -1 ||
	    (filter.router = router_new(rules, &options.router)) == NULL)
		die_of_memory();
	filter.writer = write_same(&same, &out);
	if (read_input(&in, &filter) == -1)
		die_of_memory();
	output_flush(&out);
	check_stream("input", in.error);
	check_stream("output", out.error);
	if (close(STDOUT_FILENO) == -1)
		check_stream("output", errno);
	if (state->troubles > MOST_REPORTS)
		fprintf(stderr, "rewrite: standard input: %zu more like "
		    "these\n", state->troubles - MOST_REPORTS);
	router_free(filter.router);
	filter_free(&filter);
	write_same_free(&same);
	input_free(&in);
	output_free(&out);
	return state->troubles > 0 ? EX_DATAERR : EX_OK;
}

int
main(int argc, char **argv)
{
	struct state state = { 0 };
	struct rules *rules;
	int status;

	/* A reader that goes away is an error like others, with its status. */
	signal(SIGPIPE, SIG_IGN);
	parse_options(argc, argv);
	rules = read_table(&state, argv + optind, (size_t)(argc - optind));
	status = filter_input(rules, &state);
	rules_free(rules);
	free(options.files);
	return status;
}
