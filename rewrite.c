/*
 * rewrite: the options, and one reader tied to one writer.  See rewrite(1).
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "check.h"
#include "compiled.h"
#include "confine.h"
#include "difference.h"
#include "domain.h"
#include "draw.h"
#include "expect.h"
#include "import.h"
#include "query.h"
#include "read_list.h"
#include "read_mbox.h"
#include "read_message.h"
#include "read_smtp.h"
#include "read_text.h"
#include "replace.h"
#include "table.h"
#include "tcp_table.h"
#include "write_collisions.h"
#include "write_json.h"
#include "write_rcpt.h"
#include "write_route.h"
#include "write_same.h"
#include "write_smtp.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

/* Troubles of the input that are told one by one; of the rest, how many. */
enum { MOST_REPORTS = 20 };

enum input_format { INPUT_MESSAGE, INPUT_MBOX, INPUT_LIST, INPUT_SMTP,
	INPUT_TEXT, INPUT_TCP_TABLE };
enum output_format { OUTPUT_SAME, OUTPUT_ROUTE, OUTPUT_JSON, OUTPUT_RCPT,
	OUTPUT_SMTP, OUTPUT_TRANSPORT };

/* What is done with the table, by the option that asks for it. */
enum mode { FILTER = 0, COMPILE = 'C', IMPORT = 'I', CHECK = 'c',
	COMPARE = 'd', DRAW = 'g', QUERY = 'q', TEST = 't' };

static const char *const input_names[] =
    { "message", "mbox", "list", "smtp", "text", "tcp_table", NULL };
static const char *const output_names[] =
    { "same", "route", "json", "rcpt", "smtp", "transport", NULL };

static struct {
	enum input_format input;
	enum output_format output;
	bool null;		/* NUL separates */
	bool original;		/* add X-Original-To */
	bool verbose;
	enum mode mode;
	bool given_input;	/* which input there is was said */
	const char *fields;	/* names of header fields, or NULL */
	struct router_options router;
	const char **files;
	size_t n_files;
	struct address *recipients;
	size_t n_recipients;
	struct address sender;
	bool has_sender;
	const char **queries;
	size_t n_queries;
	const char *other;	/* the table of -d */
	const char *compiled;	/* the file of -C */
	const struct import_format *import;	/* of -I */
	const char **expectations;	/* the files of -t */
	size_t n_expectations;
} options;

/* What was told of while it ran. */
struct state {
	size_t table_errors;
	size_t findings;	/* of -c */
	size_t troubles;
	size_t rejected;
	struct rules *rules;
	struct rules *other;	/* of -d */
	struct filter filter;
	struct tcp_table lookups;	/* by Postfix */
	struct input in;
	struct spool_file aside;	/* open if there is need of it */
	struct output out;	/* standard output */
};

static const char help[] =
"usage: rewrite [OPTION ...] [SENT-TO=ROUTE ...] < input > output\n"
"Rewrites the addresses in mail, or in lists, by a table of rules.\n"
"  -f, --file FILE         read rules from FILE, one a line (any number)\n"
"  -i, --input FORMAT      message (default), mbox, list, smtp or text;\n"
"                          tcp_table: lookups of Postfix, with -o rcpt or\n"
"                          transport\n"
"  -l, --list              same as -i list: address lists, one a line\n"
"  -o, --output FORMAT     same (default): the input, rewritten; route or\n"
"                          json: where mail goes; rcpt: to whom; smtp\n"
"  -0, --null              lists and lines of rcpt end in NUL\n"
"  -r, --recipient ADDRESS recipient of the envelope (any number)\n"
"  -s, --sender ADDRESS    sender of the envelope\n"
"  -c, --check             look for mistakes in the table; with -l, for\n"
"                          addresses in the list that end in one mailbox\n"
"  -C, --compile FILE      write the table to FILE, for -f to start with it\n"
"                          at once\n"
"  -d, --diff FILE         tell what the table in FILE treats differently\n"
"  -g, --graph             draw the table, for dot(1) of Graphviz\n"
"  -I, --import FORMAT     write a table of another system as one of ours:\n"
"                          exchange, exchange-csv, virtual, canonical,\n"
"                          generic, transport, virtusertable, mailertable,\n"
"                          genericstable or aliases\n"
"  -q, --query ADDRESS     tell the way of ADDRESS, rule by rule\n"
"  -t, --test FILE         test the table by what FILE expects (any number)\n"
"  -a, --add-original      add X-Original-To for recipients rewritten\n"
"  -H, --header NAMES      read these fields, not To, Cc ...; - for none\n"
"  -u, --unqualified DOMAIN  for addresses that have none\n"
"  -x, --extension CHARS   user+detail@ goes as user@ (CHARS: +)\n"
"  -1, --once              rewrite an address once at most\n"
"  -v, --verbose           say at the end what was done\n"
"  -h, --help; -V, --version\n"
"Sent to: user@example.com, example.com, *.example.com, .example.com\n"
"  (both), user@*, sales-*@example.com, /REGEX/, *; from: for senders\n"
"Route: inbound, DOMAIN, ADDRESS, several of these (A,B), keep, discard,\n"
"  forward:HOST:PORT, reject:TEXT; $1 to $9: what * or groups stood for\n"
"Exit status: 0 good, 1 found (-c, -d, -t), 64 usage, 65 input, 66 no table,\n"
"  67 rejected, 74 I/O, 75 memory or space, 78 table.  See rewrite(1), (5).\n";

static const char short_options[] = "01C:H:I:Vacd:f:ghi:lo:q:r:s:t:u:vx:";

static const struct option long_options[] = {
	{ "null", no_argument, NULL, '0' },
	{ "once", no_argument, NULL, '1' },
	{ "compile", required_argument, NULL, 'C' },
	{ "header", required_argument, NULL, 'H' },
	{ "import", required_argument, NULL, 'I' },
	{ "version", no_argument, NULL, 'V' },
	{ "add-original", no_argument, NULL, 'a' },
	{ "check", no_argument, NULL, 'c' },
	{ "diff", required_argument, NULL, 'd' },
	{ "file", required_argument, NULL, 'f' },
	{ "graph", no_argument, NULL, 'g' },
	{ "help", no_argument, NULL, 'h' },
	{ "input", required_argument, NULL, 'i' },
	{ "list", no_argument, NULL, 'l' },
	{ "output", required_argument, NULL, 'o' },
	{ "query", required_argument, NULL, 'q' },
	{ "recipient", required_argument, NULL, 'r' },
	{ "sender", required_argument, NULL, 's' },
	{ "test", required_argument, NULL, 't' },
	{ "unqualified", required_argument, NULL, 'u' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "extension", required_argument, NULL, 'x' },
	{ NULL, 0, NULL, 0 }
};

/*
 * In one write, so that lines of several processes stay apart.  If it fails
 * there is nobody to tell.
 */
static void
print_error(struct span line)
{
	(void)stream_write(STDERR_FILENO, line);
}

static _Noreturn void
die_of_memory(void)
{
	print_error(span_of("rewrite: out of memory; try again\n"));
	exit(EX_TEMPFAIL);
}

/*
 * A line for a person: what stands in names of files, arguments or mail is
 * shown, and neither begins another line nor does anything to a terminal.
 */
static void
print_shown(const char *format, va_list args)
{
	struct text line = { 0 }, shown = { 0 };

	if (text_vprintf(&line, format, args) == -1 ||
	    text_add_span(&shown, span_of("rewrite: ")) == -1 ||
	    text_add_visible(&shown, text_span(&line), line.len) == -1 ||
	    text_add_byte(&shown, '\n') == -1)
		die_of_memory();
	print_error(text_span(&shown));
	text_free(&line);
	text_free(&shown);
}

static void PRINTF_LIKE(1, 2)
say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_shown(format, args);
	va_end(args);
}

static _Noreturn void PRINTF_LIKE(2, 3)
die(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_shown(format, args);
	va_end(args);
	exit(status);
}

/* A table, or a file of -t, that cannot be opened or read. */
static _Noreturn void
die_of_file(const char *file, const char *what)
{
	if (errno == ENOMEM)
		die_of_memory();
	die(errno == EFBIG ? EX_CONFIG : EX_NOINPUT, "%s: %s; the %s", file,
	    strerror(errno), what);
}

/* An error of input or output, if there was one. */
static void
check_stream(const char *name, int error)
{
	if (error == 0)
		return;
	if (error == ENOMEM)
		die_of_memory();
	die(error == ENOSPC || error == EDQUOT ? EX_TEMPFAIL : EX_IOERR,
	    "%s: %s; the output is not whole", name, strerror(error));
}

/*
 * Writes the last of standard output.  Some systems say only when it is closed
 * that there is no space; one that was interrupted then is closed as well.
 */
static void
close_output(struct output *out)
{
	output_flush(out);
	check_stream("standard output", out->error);
	output_free(out);
	if (close(STDOUT_FILENO) == -1 && errno != EINTR)
		check_stream("standard output", errno);
}

static void
say_table_error(void *with, const char *file, size_t line,
    struct span message)
{
	struct state *state = with;
	struct text t = { 0 };

	state->table_errors++;
	if (options.mode != CHECK) {
		say("%s:%zu: %.*s", file, line,
		    (int)message.len, message.s);
		return;
	}
	if (text_printf(&t, "%s:%zu: %.*s [error]", file, line,
	    (int)message.len, message.s) == -1 ||
	    output_write_visible(&state->out, text_span(&t)) == -1)
		die_of_memory();
	/* They are to be seen, too, if another file cannot be opened. */
	output_flush(&state->out);
	text_free(&t);
}

/* A finding of -c, with all of it shown and nothing done by a terminal. */
static void
print_finding(struct state *state, struct span file, size_t line,
    struct span message, enum finding_kind kind)
{
	struct text t = { 0 };

	if (text_add_visible(&t, file, file.len) == -1 ||
	    text_printf(&t, ":%zu: ", line) == -1 ||
	    text_add_visible(&t, message, message.len) == -1 ||
	    text_printf(&t, " [%s]\n", check_kind_name(kind)) == -1)
		die_of_memory();
	output_write(&state->out, text_span(&t));
	text_free(&t);
}

static void
say_finding(void *with, enum finding_kind kind, uint32_t rule,
    struct span message)
{
	struct state *state = with;

	state->findings++;
	print_finding(state, rules_file(state->rules, rule),
	    rules_line(state->rules, rule), message, kind);
}

static void
say_collision(void *with, size_t line, struct span message)
{
	struct state *state = with;

	state->findings++;
	print_finding(state, span_of("standard input"), line, message,
	    FOUND_COLLISION);
}

static void
say_trouble(void *with, enum trouble trouble, size_t line,
    struct span message)
{
	struct state *state = with;

	if (trouble == REJECTED) {
		if (state->rejected++ < MOST_REPORTS)
			say("%.*s", (int)message.len, message.s);
		return;
	}
	if (state->troubles++ >= MOST_REPORTS)
		return;
	if (line > 0)
		say("standard input:%zu: %.*s", line,
		    (int)message.len, message.s);
	else
		say("standard input: %.*s",
		    (int)message.len, message.s);
}

static volatile sig_atomic_t summary_wanted;

static void
want_summary(int number)
{
	(void)number;
	summary_wanted = 1;
}

static void
print_summary(const struct state *state)
{
	const struct counts *c = &state->filter.counts;

	say("%llu bytes, %llu messages, %llu addresses: %llu rewritten, "
	    "%llu forwarded, %llu inbound, %llu rejected, %llu discarded; "
	    "%llu unreadable", state->in.taken, c->messages, c->addresses,
	    c->rewritten, c->forwarded, c->inbound, c->rejected, c->discarded,
	    c->unreadable);
}

/* Called between reads. */
static void
print_wanted_summary(void *with)
{
	if (!summary_wanted)
		return;
	summary_wanted = 0;
	print_summary(with);
}

/*
 * Where standard input, output or error is closed, no file is to be opened in
 * its place.  What stands there fails when it is read or written.
 */
static void
hold_descriptors(void)
{
	static const int flags[] = { O_WRONLY, O_RDONLY, O_WRONLY };
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null", flags[fd]) == -1)
			die(EX_OSERR, "/dev/null: %s; it is needed where "
			    "standard input or output is closed",
			    strerror(errno));
}

static void
catch_signals(void)
{
	struct sigaction action = { .sa_handler = want_summary };

	/*
	 * A reader that goes away, and a file that may grow no more, are
	 * errors like others, with their status.
	 */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&action.sa_mask);
	sigaction(SIGUSR1, &action, NULL);
#ifdef SIGINFO
	sigaction(SIGINFO, &action, NULL);
#endif
}

static const char *
input_name(size_t i)
{
	return input_names[i];
}

static const char *
output_name(size_t i)
{
	return output_names[i];
}

/* A format that is none of those that known() names, up to a NULL. */
static _Noreturn void
die_of_format(const char *option, const char *name,
    const char *(*known)(size_t))
{
	struct text names = { 0 };
	size_t i;

	for (i = 0; known(i) != NULL; i++)
		if (text_printf(&names, "%s%s", i == 0 ? "" :
		    known(i + 1) == NULL ? " or " : ", ", known(i)) == -1)
			die_of_memory();
	die(EX_USAGE, "%s %s: unknown format; it can be %.*s", option, name,
	    (int)names.len, names.s);
}

/* The number of a name among several. */
static size_t
named(const char *option, const char *name, const char *(*known)(size_t))
{
	size_t i;

	for (i = 0; known(i) != NULL; i++)
		if (strcmp(name, known(i)) == 0)
			return i;
	die_of_format(option, name, known);
}

/* An address that is an argument, with or without brackets. */
static struct address
read_address(const char *option, const char *argument)
{
	struct address_parser p;
	struct address a, more;

	address_begin(&p, span_of(argument));
	if (address_next(&p, &a) != ADDRESS_FOUND ||
	    address_next(&p, &more) != ADDRESS_END)
		die(EX_DATAERR, "%s %s: this is no address; write it as "
		    "user@example.com", option, argument);
	return a;
}

static void
set_sender(const char *argument)
{
	options.has_sender = true;
	options.sender = (struct address){ { "", 0 }, { "", 0 }, { "", 0 } };
	if (*argument != '\0')
		options.sender = read_address("-s", argument);
}

static bool
has_control(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((unsigned char)s.s[i] < ' ' || s.s[i] == 0x7f)
			return true;
	return false;
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
	if (has_control(span_of(domain)))
		die(EX_USAGE, "-u %s: this has a control character in it",
		    domain);
	text_free(&canonical);
	options.router.domain = span_of(domain);
	if (domain[strlen(domain) - 1] == '.')
		options.router.domain.len--;
}

static _Noreturn void
print_and_exit(const char *text)
{
	struct output out;

	if (output_open(&out, STDOUT_FILENO) == -1)
		die_of_memory();
	output_write(&out, span_of(text));
	close_output(&out);
	exit(EX_OK);
}

/* The names of header fields, printable and none of them empty. */
static void
set_fields(const char *names)
{
	const char *s, *comma;
	struct span name;

	for (s = names;; s = comma + 1) {
		comma = s + strcspn(s, ",");
		name = span_trim(span_between(s, comma));
		if (name.len == 0 || memchr(name.s, ':', name.len) != NULL ||
		    memchr(name.s, ' ', name.len) != NULL ||
		    has_control(name))
			die(EX_USAGE, "-H %s: these are no names of fields; "
			    "write them as To,Cc", names);
		if (*comma == '\0')
			break;
	}
	options.fields = names;
}

static void
set_mode(enum mode mode)
{
	if (options.mode != FILTER && options.mode != mode)
		die(EX_USAGE, "-%c and -%c do not go together; give one of "
		    "-C, -I, -c, -d, -g, -q and -t", (char)options.mode,
		    (char)mode);
	options.mode = mode;
}

static void
set_import(const char *name)
{
	set_mode(IMPORT);
	options.import = import_format(name);
	if (options.import == NULL)
		die_of_format("-I", name, import_name);
}

/* The options that ask for something else than to filter. */
static void
set_mode_option(int option, const char *argument)
{
	switch (option) {
	case 'C':
		if (options.compiled != NULL)
			die(EX_USAGE, "-C is given twice; it writes one file");
		set_mode(COMPILE);
		options.compiled = argument;
		break;
	case 'I':
		if (options.import != NULL)
			die(EX_USAGE, "-I is given twice; it reads one table");
		set_import(argument);
		break;
	case 'c':
	case 'g':
		set_mode((enum mode)option);
		break;
	case 'd':
		if (options.other != NULL)
			die(EX_USAGE, "-d is given twice; it compares with one "
			    "table");
		set_mode(COMPARE);
		options.other = argument;
		break;
	case 'q':
		set_mode(QUERY);
		options.queries[options.n_queries++] = argument;
		break;
	case 't':
		set_mode(TEST);
		options.expectations[options.n_expectations++] = argument;
		break;
	default:
		die(EX_USAGE, "try rewrite --help, or the manual, rewrite(1)");
	}
}

static void
set_option(int option, const char *argument)
{
	switch (option) {
	case '0':
		options.null = true;
		break;
	case '1':
		options.router.once = true;
		break;
	case 'H':
		set_fields(argument);
		break;
	case 'V':
		print_and_exit("rewrite " VERSION "\n");
	case 'a':
		options.original = true;
		break;
	case 'f':
		options.files[options.n_files++] = argument;
		break;
	case 'h':
		print_and_exit(help);
	case 'i':
		options.input = (enum input_format)named("-i", argument,
		    input_name);
		options.given_input = true;
		break;
	case 'l':
		options.input = INPUT_LIST;
		options.given_input = true;
		break;
	case 'o':
		options.output = (enum output_format)named("-o", argument,
		    output_name);
		break;
	case 'r':
		options.recipients[options.n_recipients++] =
		    read_address("-r", argument);
		break;
	case 's':
		set_sender(argument);
		break;
	case 'u':
		set_unqualified(argument);
		break;
	case 'v':
		options.verbose = true;
		break;
	case 'x':
		options.router.delimiters = argument;
		break;
	default:
		set_mode_option(option, argument);
	}
}

/* Whether the input is mail, and has header fields. */
static bool
is_mail(void)
{
	return options.input == INPUT_MESSAGE || options.input == INPUT_MBOX ||
	    options.input == INPUT_SMTP;
}

/* What does not go with a mode that reads no mail. */
static void
check_mode(void)
{
	if (options.mode == FILTER)
		return;
	if (options.given_input && options.mode != CHECK)
		die(EX_USAGE, "-%c reads no input; leave -i and -l out",
		    (char)options.mode);
	if (options.original || options.fields != NULL ||
	    options.n_recipients > 0 || options.has_sender)
		die(EX_USAGE, "-%c has to do with no message; leave -a, -H, "
		    "-r and -s out", (char)options.mode);
}

/* -I has to do with nothing but a table. */
static void
check_import(bool operands)
{
	const struct router_options *r = &options.router;

	if (operands || options.n_files > 0 || options.given_input ||
	    options.output != OUTPUT_SAME || options.null ||
	    options.original || options.verbose || options.fields != NULL ||
	    options.n_recipients > 0 || options.has_sender ||
	    r->delimiters != NULL || r->once)
		die(EX_USAGE, "-I reads a table of another system, and writes "
		    "it; leave all but -u out");
}

/* What does not go together. */
static void
check_options(void)
{
	const char *in = input_names[options.input];

	check_mode();
	if (options.mode == QUERY && options.output != OUTPUT_SAME &&
	    options.output != OUTPUT_JSON)
		die(EX_USAGE, "-q is answered in words, or with -o json");
	if (options.mode != FILTER && options.mode != QUERY &&
	    options.output != OUTPUT_SAME)
		die(EX_USAGE, "-%c has an output of its own; leave -o out",
		    (char)options.mode);
	if (options.mode == CHECK && options.given_input &&
	    options.input != INPUT_LIST)
		die(EX_USAGE, "-c looks for collisions in lists; give it one "
		    "with -l");
	if (options.null && options.input == INPUT_TCP_TABLE)
		die(EX_USAGE, "-i tcp_table is asked line by line; leave -0 "
		    "out");
	if (options.null && options.input != INPUT_LIST &&
	    options.output != OUTPUT_RCPT)
		die(EX_USAGE, "-0 is for lists and -o rcpt; give -l with it, "
		    "or -o rcpt");
	if (options.fields != NULL && !is_mail())
		die(EX_USAGE, "-H names header fields; -i %s has none", in);
	if (options.input == INPUT_TCP_TABLE ? options.output != OUTPUT_RCPT &&
	    options.output != OUTPUT_TRANSPORT :
	    options.output == OUTPUT_TRANSPORT)
		die(EX_USAGE, "-i tcp_table goes with -o rcpt, for "
		    "virtual_alias_maps of Postfix, or -o transport, for "
		    "transport_maps");
	if (options.output == OUTPUT_SMTP && !is_mail())
		die(EX_USAGE, "-o smtp writes messages; -i %s has none", in);
	if (options.original && (!is_mail() ||
	    (options.output != OUTPUT_SAME && options.output != OUTPUT_SMTP)))
		die(EX_USAGE, "-a adds a header field; it goes with messages "
		    "and -o same or -o smtp");
	if (options.n_recipients > 0 && options.input != INPUT_MESSAGE)
		die(EX_USAGE, "-r is the envelope of one message; -i %s is "
		    "something else", in);
	if (options.fields != NULL && strcmp(options.fields, "-") == 0 &&
	    options.input != INPUT_SMTP && options.output != OUTPUT_SAME &&
	    options.n_recipients == 0)
		die(EX_USAGE, "-H - leaves no recipients; give them with -r");
	if (options.has_sender && options.input != INPUT_MESSAGE &&
	    options.input != INPUT_MBOX)
		die(EX_USAGE, "-s is the envelope of a message; -i %s is "
		    "something else", in);
	if (options.has_sender && options.output == OUTPUT_SAME)
		die(EX_USAGE, "-s is for outputs that are about the envelope; "
		    "-o same is not");
}

static void
parse_options(int argc, char **argv)
{
	int option;

	options.files = calloc((size_t)argc + 1, sizeof(*options.files));
	options.recipients = calloc((size_t)argc + 1,
	    sizeof(*options.recipients));
	options.queries = calloc((size_t)argc + 1, sizeof(*options.queries));
	options.expectations = calloc((size_t)argc + 1,
	    sizeof(*options.expectations));
	if (options.files == NULL || options.recipients == NULL ||
	    options.queries == NULL || options.expectations == NULL)
		die_of_memory();
	while ((option = getopt_long(argc, argv, short_options, long_options,
	    NULL)) != -1)
		set_option(option, optarg);
	if (options.mode == IMPORT) {
		check_import(optind < argc);
		return;
	}
	if (options.n_files == 0 && optind == argc)
		die(EX_USAGE, "no rules; give a table with -f FILE, or rules "
		    "as SENT-TO=ROUTE (see rewrite --help)");
	check_options();
}

#ifdef __APPLE__
#define st_mtim st_mtimespec
#endif

static bool
is_newer(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
	return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/* The next file that a table was read from, and is there still. */
static bool
next_source(const struct rules *rules, size_t *n, struct span *name,
    struct stat *status)
{
	struct text s = { 0 };
	struct span path;
	bool found = false;

	while (!found && rules_next_path(rules, n, name, &path)) {
		s.len = 0;
		if (text_add_span(&s, path) == -1 ||
		    text_add_byte(&s, '\0') == -1)
			die_of_memory();
		found = stat(s.s, status) == 0;
	}
	text_free(&s);
	return found;
}

/* A text that was changed since is not what the table does. */
static void
warn_of_newer(const struct rules *rules, const char *file, int fd)
{
	struct stat compiled, source;
	struct span name;
	size_t n = 0;

	/* Under spawn(8) standard error is where the answers go. */
	if (options.input == INPUT_TCP_TABLE || fstat(fd, &compiled) == -1)
		return;
	while (next_source(rules, &n, &name, &source))
		if (is_newer(&source, &compiled))
			say("%s: %.*s was changed since "
			    "this was compiled from it; compile it again",
			    file, (int)name.len, name.s);
}

static struct rules *
load_compiled(struct input *in, const char *file)
{
	enum compiled_found found;
	struct rules *rules = compiled_load(in, &found);

	if (rules == NULL && found == COMPILED_FAILED)
		die_of_file(file, "table cannot be read");
	/* Who asks about a table looks at all of it. */
	if (rules != NULL && options.mode != FILTER &&
	    !compiled_check(rules)) {
		rules_free(rules);
		rules = NULL;
		found = COMPILED_ALTERED;
	}
	if (rules == NULL)
		die(EX_CONFIG, "%s: %s; compile it again from its text", file,
		    compiled_problem(found));
	warn_of_newer(rules, file, in->fd);
	return rules;
}

/* Where the file is, for those who start elsewhere. */
static void
keep_path(struct rules *rules, const char *file)
{
	char *path = realpath(file, NULL);

	if (path == NULL ? errno == ENOMEM : !rules_set_path(rules, path))
		die_of_memory();
	free(path);
}

static void
read_text_table(struct rules *rules, struct input *in, const char *file,
    const struct table_errors *errors)
{
	if (table_read(rules, in, file, errors) == -1)
		die_of_file(file, "table cannot be read");
	if (options.mode == COMPILE)
		keep_path(rules, file);
}

/* Waits for whoever is to write, if it is a pipe with a name. */
static int
open_file(const char *file)
{
	int fd;

	do
		fd = open(file, O_RDONLY | O_CLOEXEC);
	while (fd == -1 && errno == EINTR);
	return fd;
}

/* The first bytes of a file, or fewer; false if they cannot be had so. */
static bool
peek(int fd, char *begin, size_t size, size_t *len)
{
	ssize_t n;

	*len = 0;
	do {
		n = pread(fd, begin + *len, size - *len, (off_t)*len);
		if (n > 0)
			*len += (size_t)n;
	} while ((n > 0 && *len < size) || (n == -1 && errno == EINTR));
	return n != -1;
}

/*
 * Whether the input is a compiled table; nothing of it is taken.  Of a file no
 * more is read than that, as it will be mapped.
 */
static bool
is_compiled(struct input *in)
{
	char begin[8];
	size_t len;

	if (peek(in->fd, begin, sizeof(begin), &len))
		return compiled_begins((struct span){ begin, len });
	while (input_span(in).len < sizeof(begin) && input_more(in))
		;
	return compiled_begins(input_span(in));
}

/*
 * Reads a table into the rules, or puts one that is compiled in their place,
 * which has to be the whole table.
 */
static void
read_file(struct rules **rules, const char *file, bool whole,
    const struct table_errors *errors)
{
	struct input in;
	int fd = open_file(file);

	if (fd == -1)
		die_of_file(file, "table cannot be opened");
	if (input_open(&in, fd, NULL) == -1)
		die_of_memory();
	if (!is_compiled(&in)) {
		read_text_table(*rules, &in, file, errors);
	} else {
		if (!whole)
			die(EX_USAGE, "%s: a compiled table goes with no other "
			    "rules; compile all of them together, from their "
			    "text", file);
		rules_free(*rules);
		*rules = load_compiled(&in, file);
	}
	input_free(&in);
	close(fd);
}

/* Reads all of the table, and goes no further if there is an error in it. */
static void
read_table(struct state *state, char **arguments, size_t n)
{
	const struct table_errors errors = { say_table_error, state };
	bool one = options.n_files + n == 1 && options.mode != COMPILE;
	size_t i;

	state->rules = rules_new();
	state->other = rules_new();
	if (state->rules == NULL || state->other == NULL)
		die_of_memory();
	for (i = 0; i < options.n_files; i++)
		read_file(&state->rules, options.files[i], one, &errors);
	for (i = 0; i < n; i++)
		if (table_read_argument(state->rules, arguments[i], i + 1,
		    &errors) == -1)
			die_of_memory();
	if (options.other != NULL)
		read_file(&state->other, options.other, true, &errors);
	if (state->table_errors > 0 && options.mode != CHECK)
		die(EX_CONFIG, "%zu %s in the table; nothing was written",
		    state->table_errors,
		    state->table_errors == 1 ? "error" : "errors");
}

/*
 * What a page of a compiled table says that is not as it was written is only
 * known when it is used; who does not filter has looked at all of them.
 */
static void
check_damage(const struct state *state)
{
	if (compiled_damaged(state->rules))
		die(EX_CONFIG, "%s: it was altered since it was compiled, and "
		    "what was written is not whole; compile it again from its "
		    "text", options.files[0]);
}

/*
 * Whether something may have to wait for what comes before it: the header of
 * a message for its recipients, or commands for a recipient.
 */
static bool
puts_aside(void)
{
	return options.mode == FILTER && (options.input == INPUT_SMTP ||
	    (is_mail() && (options.output != OUTPUT_SAME ||
	    options.original)));
}

/* All that has to be open is; from here on nothing else will be. */
static void
give_up_rest(void)
{
	if (confine() != -1)
		return;
	if (errno == ENOMEM)
		die_of_memory();
	die(EX_OSERR, "the process cannot be confined: %s", strerror(errno));
}

/* Postfix asks, and what is told of is in the answers. */
static int
answer_postfix(struct state *state)
{
	struct tcp_table *how = &state->lookups;

	how->qualifies = options.router.domain.len > 0;
	if (options.output == OUTPUT_TRANSPORT)
		how->value = TCP_TABLE_TRANSPORT;
	state->filter.report = tcp_table_report;
	state->filter.with = how;
	return tcp_table_answer(&state->in, &state->out, &state->filter, how);
}

static int
read_input(struct state *state)
{
	struct input *in = &state->in;
	struct filter *filter = &state->filter;

	switch (options.input) {
	case INPUT_TCP_TABLE:
		return answer_postfix(state);
	case INPUT_MBOX:
		return read_mbox(in, filter, options.fields);
	case INPUT_LIST:
		return read_list(in, filter, options.null ? '\0' : '\n');
	case INPUT_SMTP:
		return read_smtp(in, filter, options.fields);
	case INPUT_TEXT:
		return read_text(in, filter);
	case INPUT_MESSAGE:
	default:
		return read_message(in, filter, options.fields);
	}
}

/* The writers; one of them is used. */
struct writers {
	struct write_collisions collisions;
	struct write_same same;
	struct write_route route;
	struct write_json json;
	struct write_rcpt rcpt;
	struct write_smtp smtp;
};

static struct writer
make_writer(struct writers *w, struct output *out, struct state *state)
{
	struct spool_file *aside = state->filter.aside;

	if (options.mode == CHECK)
		return write_collisions(&w->collisions, options.router.domain,
		    options.null ? '\0' : '\n', say_collision, state);
	switch (options.output) {
	case OUTPUT_ROUTE:
		return write_route(&w->route, out);
	case OUTPUT_JSON:
		return write_json(&w->json, out, state->filter.router);
	case OUTPUT_RCPT:
		return write_rcpt(&w->rcpt, out,
		    options.null ? '\0' : '\n');
	case OUTPUT_SMTP:
		if (options.input != INPUT_SMTP)
			return write_smtp(&w->smtp, out, aside,
			    options.original);
		/* What came in as SMTP is it already. */
		return write_same(&w->same, out, aside, options.original);
	case OUTPUT_SAME:
	case OUTPUT_TRANSPORT:
	default:
		return write_same(&w->same, out, aside, options.original);
	}
}

static void
free_writer(struct writers *w)
{
	write_collisions_free(&w->collisions);
	write_same_free(&w->same);
	write_route_free(&w->route);
	write_json_free(&w->json);
	write_rcpt_free(&w->rcpt);
	write_smtp_free(&w->smtp);
}

/* What -c has found. */
static int
check_status(const struct state *state)
{
	return state->table_errors > 0 ? EX_CONFIG : state->findings > 0;
}

/* Says what there is to say at the end, and what the status is. */
static int
finish(const struct state *state)
{
	if (state->troubles > MOST_REPORTS)
		say("standard input: %zu more like these",
		    state->troubles - MOST_REPORTS);
	if (state->rejected > MOST_REPORTS)
		say("standard input: %zu more were rejected",
		    state->rejected - MOST_REPORTS);
	if (options.verbose)
		print_summary(state);
	if (state->troubles + state->lookups.troubles > 0)
		return EX_DATAERR;
	if (options.mode == CHECK)
		return check_status(state);
	return state->rejected > 0 ? EX_NOUSER : EX_OK;
}

static int
filter_input(struct state *state)
{
	struct filter *filter = &state->filter;
	struct input *in = &state->in;
	struct writers writers = { 0 };
	int status;

	if (input_open(in, STDIN_FILENO, &state->out) == -1 ||
	    (filter->router = router_new(state->rules,
	    &options.router)) == NULL)
		die_of_memory();
	/* Under spawn(8) standard error goes where the answers go. */
	if (options.input != INPUT_TCP_TABLE)
		in->pause = print_wanted_summary;
	in->with = state;
	filter->report = say_trouble;
	filter->with = state;
	filter->aside = &state->aside;
	filter->recipients = options.recipients;
	filter->n_recipients = options.n_recipients;
	filter->sender = options.has_sender ? &options.sender : NULL;
	filter->writer = make_writer(&writers, &state->out, state);
	/* But for memory, only what is put aside can fail here. */
	if (read_input(state) == -1) {
		check_stream("temporary file", errno);
		die_of_memory();
	}
	if (in->error == 0)
		filter_finish(filter);
	check_damage(state);
	output_flush(&state->out);
	check_stream("standard input", in->error);
	close_output(&state->out);
	status = finish(state);
	router_free(filter->router);
	filter_free(filter);
	free_writer(&writers);
	input_free(in);
	return status;
}

/* Checks the table, and a list if there is one. */
static int
check_table(struct state *state)
{
	const struct findings findings = { say_finding, state };

	if (check_rules(state->rules, &options.router, &findings) == -1)
		die_of_memory();
	if (options.given_input && state->table_errors == 0)
		return filter_input(state);
	close_output(&state->out);
	return check_status(state);
}

/* One address of -q; from: before it makes it a sender. */
static int
answer_query(struct output *out, struct router *router,
    const struct writer *json, const char *query)
{
	bool sender = span_begins_fold(span_of(query), "from:");
	struct address a = read_address("-q", query + (sender ? 5 : 0));
	enum role role = sender ? SENDER : RECIPIENT;
	struct outcome outcome;

	if (options.output != OUTPUT_JSON)
		return query_write(out, router, role, &a);
	if (router_route(router, role, &a, &outcome) == -1 ||
	    json->recipient(json->state, &a, &outcome) == -1)
		return -1;
	return outcome.status == ROUTED;
}

/* Answers all of -q; nothing is read. */
static int
answer_queries(struct state *state)
{
	struct router *router = router_new(state->rules, &options.router);
	struct writers writers = { 0 };
	struct writer json;
	int status = EX_OK, routed;
	size_t i;

	if (router == NULL)
		die_of_memory();
	json = write_json(&writers.json, &state->out, router);
	for (i = 0; i < options.n_queries; i++) {
		routed = answer_query(&state->out, router, &json,
		    options.queries[i]);
		if (routed == -1)
			die_of_memory();
		if (!routed)
			status = EX_DATAERR;
	}
	close_output(&state->out);
	free_writer(&writers);
	router_free(router);
	return status;
}

/* What -d prints to. */
struct printing {
	struct output *out;
	size_t told;
};

static int
tell_difference(void *with, const struct difference *difference)
{
	struct printing *t = with;

	t->told++;
	return difference_write(t->out, difference);
}

static int
tell_possible(void *with, struct span reason)
{
	struct printing *t = with;

	t->told++;
	return difference_write_possible(t->out, reason);
}

/* Compares the table with the one of -d; nothing is read. */
static int
compare_with_other(struct state *state)
{
	struct printing t = { .out = &state->out };
	const struct differences differences =
	    { tell_difference, tell_possible, &t };

	if (compare_tables(state->rules, state->other, &options.router,
	    &differences) == -1)
		die_of_memory();
	close_output(&state->out);
	return t.told > 0;
}

static void
read_expectations(struct expectations *e, const char *file,
    const struct table_errors *errors)
{
	struct input in;
	int fd = open_file(file);

	if (fd == -1)
		die_of_file(file, "expectations cannot be opened");
	if (input_open(&in, fd, NULL) == -1)
		die_of_memory();
	if (expect_read(e, &in, file, errors) == -1)
		die_of_file(file, "expectations cannot be read");
	input_free(&in);
	close(fd);
}

/* Runs the expectations of -t, if there is no error in any. */
static int
test_table(struct state *state)
{
	const struct table_errors errors = { say_table_error, state };
	struct router *router = router_new(state->rules, &options.router);
	struct expectations *e = expect_new();
	size_t i;
	int holds;

	if (router == NULL || e == NULL)
		die_of_memory();
	for (i = 0; i < options.n_expectations; i++)
		read_expectations(e, options.expectations[i], &errors);
	if (state->table_errors > 0)
		die(EX_CONFIG, "%zu %s in the expectations; none was run",
		    state->table_errors,
		    state->table_errors == 1 ? "error" : "errors");
	give_up_rest();
	if ((holds = expect_run(e, router, &state->out)) == -1)
		die_of_memory();
	close_output(&state->out);
	expect_free(e);
	router_free(router);
	return holds ? EX_OK : EXIT_FAILURE;
}

/* Draws the table; nothing is read. */
static int
draw_table(struct state *state)
{
	if (draw_write(&state->out, state->rules, &options.router) == -1)
		die_of_memory();
	close_output(&state->out);
	return EX_OK;
}

/* What is no file is not to become one, nor the table to be lost. */
static void
check_replaceable(const struct rules *rules)
{
	struct stat target, source;
	struct span name;
	size_t n = 0;

	if (stat(options.compiled, &target) == -1)
		return;
	if (!S_ISREG(target.st_mode))
		die(EX_CANTCREAT, "-C %s: it is there and is no regular file; "
		    "name another one", options.compiled);
	while (next_source(rules, &n, &name, &source))
		if (source.st_dev == target.st_dev &&
		    source.st_ino == target.st_ino)
			die(EX_CANTCREAT, "-C %s: the table was read from it; "
			    "name another file", options.compiled);
}

/* Writes the table to the file of -C; nothing is read. */
static int
compile_table(struct state *state)
{
	struct text image = { 0 };
	bool created;

	check_replaceable(state->rules);
	if (compiled_make(state->rules, &image) == -1)
		die_of_memory();
	if (replace_file(options.compiled, text_span(&image), &created) == -1) {
		if (errno == ENOMEM)
			die_of_memory();
		die(errno == ENOSPC || errno == EDQUOT ? EX_TEMPFAIL :
		    created ? EX_IOERR : EX_CANTCREAT,
		    "-C %s: %s; the table was not written", options.compiled,
		    strerror(errno));
	}
	text_free(&image);
	output_free(&state->out);
	return EX_OK;
}

static void
say_unequal(void *with, size_t line, struct span message)
{
	struct state *state = with;

	state->troubles++;
	say("standard input:%zu: %.*s; kept as a comment",
	    line, (int)message.len, message.s);
}

/* Writes a table of another system as one of ours. */
static int
import(struct state *state)
{
	const struct import_reports reports = { say_unequal, state };
	struct input *in = &state->in;

	if (input_open(in, STDIN_FILENO, &state->out) == -1)
		die_of_memory();
	if (import_table(options.import, in, &state->out,
	    options.router.domain, &reports) == -1) {
		if (errno == ENOMEM)
			die_of_memory();
		die(EX_CONFIG, "standard input: %s; the table is not whole",
		    strerror(errno));
	}
	output_flush(&state->out);
	check_stream("standard input", in->error);
	close_output(&state->out);
	input_free(in);
	return state->troubles > 0 ? EX_DATAERR : EX_OK;
}

static int
run(struct state *state)
{
	switch (options.mode) {
	case COMPILE:
		return compile_table(state);
	case CHECK:
		return check_table(state);
	case QUERY:
		return answer_queries(state);
	case TEST:
		return test_table(state);
	case COMPARE:
		return compare_with_other(state);
	case DRAW:
		return draw_table(state);
	case IMPORT:
		return import(state);
	case FILTER:
	default:
		return filter_input(state);
	}
}

int
main(int argc, char **argv)
{
	static char name[] = "rewrite";
	static struct state state;
	int status;

	if (argc > 0)
		argv[0] = name;	/* in what getopt_long(3) says */
	hold_descriptors();
	catch_signals();
	parse_options(argc, argv);
	if (output_open(&state.out, STDOUT_FILENO) == -1)
		die_of_memory();
	if (options.mode != IMPORT)
		read_table(&state, argv + optind, (size_t)(argc - optind));
	if (puts_aside())
		spool_file_open(&state.aside);
	/* -C opens the file that it writes, and -t what it reads. */
	if (options.mode != COMPILE && options.mode != TEST)
		give_up_rest();
	status = run(&state);
	rules_free(state.rules);
	rules_free(state.other);
	spool_file_close(&state.aside);
	free(options.files);
	free(options.recipients);
	free(options.queries);
	free(options.expectations);
	return status;
}
