#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "read_message.h"
#include "read_smtp.h"
#include "reader.h"
#include "write_same.h"

enum {
	LONGEST_COMMAND = 64 * 1024,	/* bytes; a longer line is none */
	ENOUGH = 64 * 1024		/* bytes to pass on at a time */
};

/* A session while it is read. */
struct session {
	struct input *in;
	struct filter *filter;
	const char *recipients;
	size_t line;		/* number of the line that comes next */
	bool crlf;		/* lines end in CR and LF */
	bool begun;		/* MAIL came */
	bool holding;		/* no recipient yet since MAIL */
	bool cut;		/* the input ended within data */
	bool gone;		/* a chunk of this transaction was taken out */
	size_t told;		/* recipients since MAIL, also those gone */
	struct spool held;	/* lines since MAIL */
	struct text room;
};

enum verb { VERB_OTHER, VERB_MAIL, VERB_RCPT, VERB_DATA, VERB_BDAT,
	VERB_RESET };

/* Whether these bytes, one at least, end a line; cr: a CR came before them. */
static bool
ends_line(const struct session *s, struct span line, bool cr)
{
	if (line.s[line.len - 1] != '\n')
		return false;
	return !s->crlf || (line.len > 1 ? line.s[line.len - 2] == '\r' : cr);
}

/*
 * The length of the line that comes next, as this session ends lines; cr: it
 * goes on behind a CR.
 */
static size_t
command_length(struct session *s, bool cr)
{
	size_t len = 0, more;

	do {
		more = input_line(s->in, len, '\n', LONGEST_COMMAND);
		len += more;
	} while (more > 0 && len <= LONGEST_COMMAND && !ends_line(s,
	    (struct span){ input_span(s->in).s, len }, cr));
	return len;
}

/* Takes a word, whatever its case, and the blanks around it. */
static bool
take_word(struct span *line, const char *word)
{
	struct span rest = span_trim(*line);

	if (!span_begins_fold(rest, word))
		return false;
	rest = span_between(rest.s + strlen(word), line->s + line->len);
	*line = span_trim(rest);
	return true;
}

static bool
is_word(struct span line, const char *word)
{
	return take_word(&line, word) && line.len == 0;
}

/* The same for a word that has to end there, or at a blank. */
static bool
take_verb(struct span *line, const char *word)
{
	struct span rest = span_trim(*line);
	size_t len = strlen(word);

	if (rest.len > len && !is_blank(rest.s[len]))
		return false;
	return take_word(line, word);
}

/* What a line is; *rest is set to what follows the colon. */
static enum verb
verb_of(struct span line, struct span *rest)
{
	*rest = line;
	if (take_word(rest, "MAIL") && take_word(rest, "FROM") &&
	    take_word(rest, ":"))
		return VERB_MAIL;
	*rest = line;
	if (take_word(rest, "RCPT") && take_word(rest, "TO") &&
	    take_word(rest, ":"))
		return VERB_RCPT;
	*rest = line;
	if (is_word(line, "DATA"))
		return VERB_DATA;
	if (take_verb(rest, "BDAT"))
		return VERB_BDAT;
	*rest = line;
	if (is_word(line, "RSET") || is_word(line, "QUIT") ||
	    take_verb(rest, "HELO") || take_verb(rest, "EHLO") ||
	    take_verb(rest, "LHLO"))
		return VERB_RESET;
	return VERB_OTHER;
}

/* The address of a path, if it is one and nothing else. */
static bool
read_path(struct span rest, struct address *a)
{
	struct span path = reader_path(rest);
	struct address_parser p;

	if (!address_fits_a_line(rest) || (path.len > 0 && path.s[0] == '<' &&
	    path.s[path.len - 1] != '>'))
		return false;
	address_begin(&p, path);
	return address_next(&p, a) == ADDRESS_FOUND &&
	    a->mailbox.len == path.len;
}

static int
take_held(void *state, struct span s)
{
	filter_plain(state, s);
	return 0;
}

/* There is a recipient, or no transaction: what was held goes on. */
static int
let_go(struct session *s)
{
	s->holding = false;
	if (spool_each(&s->held, take_held, s->filter) == -1)
		return -1;
	spool_clear(&s->held);
	return 0;
}

/* Passes on a line, or holds it until a recipient comes. */
static int
pass(struct session *s, struct span line)
{
	if (s->holding)
		return spool_add(&s->held, line);
	filter_plain(s->filter, line);
	return 0;
}

/* None has begun any more; what is still held of it is taken out. */
static void
forget_transaction(struct session *s)
{
	spool_clear(&s->held);
	s->told = 0;
	s->begun = s->holding = s->gone = false;
}

/* A transaction is over; it is taken out if all its recipients are gone. */
static int
end_transaction(struct session *s)
{
	if (s->holding && s->told == 0 && let_go(s) == -1)
		return -1;
	forget_transaction(s);
	return 0;
}

/* The command with the address replaced by where it goes. */
static int
pass_replaced(struct session *s, struct span line, struct address a,
    const struct destination *d)
{
	a.mailbox = line;
	s->room.len = 0;
	return write_same_add(&s->room, &a, d) == -1 ? -1 :
	    pass(s, text_span(&s->room));
}

static int
mail(struct session *s, struct span line, struct span rest)
{
	struct outcome outcome;
	struct address a;

	/* A server refuses MAIL within a transaction, which goes on then. */
	if (!s->begun) {
		forget_transaction(s);
		filter_forget(s->filter);
		s->begun = s->holding = true;
	}
	if (!read_path(rest, &a))
		return pass(s, line);
	if (filter_route(s->filter, SENDER, &a, s->line, &outcome) == -1)
		return -1;
	return pass_replaced(s, line, a, outcome.destinations);
}

/*
 * A recipient that cannot be read is one all the same, but only who passes
 * the session on can pass it on.
 */
static int
keep_unread(struct session *s, struct span line)
{
	s->told++;
	if (s->filter->writer.mailbox == NULL && filter_report(s->filter,
	    s->line, "a recipient that cannot be read is left out",
	    reader_cut_line_end(line)) == -1)
		return -1;
	return s->gone ? 0 : let_go(s);
}

static int
rcpt(struct session *s, struct span line, struct span rest)
{
	struct outcome outcome;
	struct address a;
	size_t i;

	if (!read_path(rest, &a) || address_is_null(&a))
		return keep_unread(s, line) == -1 ? -1 : pass(s, line);
	s->told++;
	if (filter_recipient(s->filter, &a, s->line, &outcome) == -1)
		return -1;
	for (i = 0; i < outcome.count; i++) {
		if (s->gone || destination_is_gone(&outcome.destinations[i]))
			continue;
		if ((s->holding && let_go(s) == -1) || pass_replaced(s, line,
		    a, &outcome.destinations[i]) == -1)
			return -1;
	}
	return 0;
}

/* Passes on, or drops, some bytes of a body. */
static void
pass_body(struct session *s, size_t len, bool drop)
{
	if (!drop)
		filter_body(s->filter,
		    (struct span){ input_span(s->in).s, len });
	input_take(s->in, len);
}

static bool
ends_data(const struct session *s, struct span line)
{
	return span_equal(line, span_of(".\r\n")) ||
	    (!s->crlf && span_equal(line, span_of(".\n")));
}

/* The data from here on, with the line that ends it. */
static void
read_data(struct session *s, bool at_line_start, bool drop)
{
	struct span line;
	size_t seen = 0;
	bool cr = false;

	while ((line.len = input_line(s->in, seen, '\n', ENOUGH)) > 0) {
		line.s = input_span(s->in).s + seen;
		if (at_line_start && ends_data(s, line))
			break;
		s->line += line.s[line.len - 1] == '\n';
		at_line_start = ends_line(s, line, cr);
		cr = line.s[line.len - 1] == '\r';
		seen += line.len;
		if (seen > ENOUGH) {
			pass_body(s, seen, drop);
			seen = 0;
		}
	}
	pass_body(s, seen, drop);
	s->cut = line.len == 0;
	if (!drop)
		filter_outside(s->filter,
		    (struct span){ input_span(s->in).s, line.len });
	s->line += line.len > 0;
	input_take(s->in, line.len);
}

/* Whether the data was whole. */
static int
end_data(struct session *s)
{
	return s->cut ? filter_report(s->filter, s->line,
	    "the input ends within the data of a message", span_of("")) : 0;
}

static int
data(struct session *s, struct span line)
{
	struct header h = { .in = s->in, .filter = s->filter,
		.recipients = s->recipients, .line = s->line + 1,
		.smtp = true, .line_end = span_of(s->crlf ? "\r\n" : "") };
	bool drop = s->holding && s->told > 0;

	if (drop) {
		input_take(s->in, line.len);
		s->line++;
		read_data(s, true, true);
		filter_forget(s->filter);
		forget_transaction(s);
		return end_data(s);
	}
	if (s->holding && let_go(s) == -1)
		return -1;
	filter_plain(s->filter, line);
	input_take(s->in, line.len);
	filter_open(s->filter, (struct span){ NULL, 0 });
	if (read_header(&h) == -1)
		return -1;
	s->line = h.line;
	read_data(s, !s->crlf || h.crlf || !h.began, false);
	filter_close(s->filter);
	forget_transaction(s);
	return end_data(s);
}

/* RFC 3030: so many bytes follow, as they are. */
static int
bdat(struct session *s, struct span line, struct span rest)
{
	bool drop = s->gone || (s->holding && s->told > 0), last;
	unsigned long long size = 0;
	size_t i, len;

	for (i = 0; i < rest.len && ascii_digit((unsigned char)rest.s[i]) &&
	    size < UINT64_MAX / 10 - 9; i++)
		size = size * 10 + (unsigned)(rest.s[i] - '0');
	last = is_word(span_between(rest.s + i, rest.s + rest.len), "LAST");
	if (!drop && s->holding && let_go(s) == -1)
		return -1;
	if (!drop)
		filter_plain(s->filter, line);
	s->gone = drop;
	input_take(s->in, line.len);
	s->line++;
	while (size > 0 && reader_has(s->in, 0)) {
		len = input_span(s->in).len;
		if (len > size)
			len = (size_t)size;
		if (!drop)
			filter_plain(s->filter,
			    (struct span){ input_span(s->in).s, len });
		input_take(s->in, len);
		size -= len;
	}
	s->cut = size > 0;
	if (s->cut)
		return end_data(s);
	if (!last)
		return 0;
	filter_forget(s->filter);
	return end_transaction(s);
}

/* Takes one command.  -1 if there is no memory. */
static int
read_command(struct session *s, struct span line)
{
	struct span rest;
	enum verb verb = verb_of(reader_cut_line_end(line), &rest);
	int done;

	if (verb == VERB_DATA)
		return data(s, line);
	if (verb == VERB_BDAT)
		return bdat(s, line, rest);
	if (verb == VERB_MAIL)
		done = mail(s, line, rest);
	else if (verb == VERB_RCPT)
		done = rcpt(s, line, rest);
	else if (verb == VERB_RESET)
		done = end_transaction(s) == -1 ? -1 : pass(s, line);
	else
		done = pass(s, line);
	if (verb == VERB_RESET)
		filter_forget(s->filter);
	input_take(s->in, line.len);
	s->line++;
	return done;
}

/*
 * A line too long for a command is none, but maybe a recipient; it may go on
 * and on.  Sets *crlf to whether it ends in CR and LF.
 */
static int
pass_long_line(struct session *s, bool *crlf)
{
	struct span some = { input_span(s->in).s, LONGEST_COMMAND }, rest;
	bool ended, cr = false;

	if (verb_of(some, &rest) == VERB_RCPT && keep_unread(s, some) == -1)
		return -1;
	do {
		some.len = command_length(s, cr);
		some.s = input_span(s->in).s;
		ended = some.len == 0 || ends_line(s, some, cr);
		*crlf = some.len > 1 ? some.s[some.len - 2] == '\r' : cr;
		cr = some.len > 0 && some.s[some.len - 1] == '\r';
		if (pass(s, some) == -1)
			return -1;
		input_take(s->in, some.len);
	} while (!ended);
	s->line++;
	return 0;
}

/* The first line says how all of them end, however long it is. */
static int
read_first_line(struct session *s)
{
	size_t len = input_line(s->in, 0, '\n', LONGEST_COMMAND);
	const char *line = input_span(s->in).s;
	bool crlf = len > 1 && line[len - 1] == '\n' && line[len - 2] == '\r';
	int done = 0;

	if (len > LONGEST_COMMAND)
		done = pass_long_line(s, &crlf);
	s->crlf = crlf;
	return done;
}

static int
read_session(struct session *s)
{
	struct span line;
	int done = read_first_line(s);
	bool crlf;

	while (done == 0 && (line.len = command_length(s, false)) > 0) {
		line.s = input_span(s->in).s;
		done = line.len > LONGEST_COMMAND ? pass_long_line(s, &crlf) :
		    read_command(s, line);
	}
	return done == -1 ? -1 : end_transaction(s);
}

int
read_smtp(struct input *in, struct filter *f, const char *recipients)
{
	struct session s = { .in = in, .filter = f, .line = 1,
		.recipients = recipients, .held.file = f->aside };
	int done, error;

	f->given = true;
	done = read_session(&s);
	error = errno;
	spool_free(&s.held);
	text_free(&s.room);
	errno = error;
	return done;
}
