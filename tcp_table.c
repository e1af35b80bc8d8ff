#include <string.h>

#include "compiled.h"
#include "domain.h"
#include "reader.h"
#include "tcp_table.h"

/*
 * Bytes of a reply, its newline included; of the text of a rejection, which a
 * line of SMTP holds half of (RFC 5321, 4.5.3.1.5), and which fits encoded.
 */
enum { LONGEST_REPLY = 4096, LONGEST_TEXT_TOLD = 1024 };

/* No rule names it, and each for all local parts of a domain is for it. */
#define ANY_LOCAL "@"

struct answerer {
	struct output *out;
	struct filter *filter;
	struct tcp_table *how;
	struct text key;	/* decoded */
	struct text address;	/* written from it */
	struct text found;	/* the value */
	struct text other;	/* that of another destination */
	struct text reply;
};

/* The byte that two hexadecimal digits are, or -1. */
static int
hex_byte(const char *s)
{
	static const char digits[] = "0123456789abcdef";
	const char *found;
	size_t i, value = 0;

	for (i = 0; i < 2; i++) {
		found = memchr(digits, ascii_lower((unsigned char)s[i]),
		    sizeof(digits) - 1);
		if (found == NULL)
			return -1;
		value = value * 16 + (size_t)(found - digits);
	}
	return (int)value;
}

/* 1, or 0 if there is a % without two digits, or -1 without memory. */
static int
decode(struct text *t, struct span s)
{
	size_t i;
	int c;

	t->len = 0;
	for (i = 0; i < s.len; i++) {
		c = (unsigned char)s.s[i];
		if (c == '%') {
			c = s.len - i < 3 ? -1 : hex_byte(s.s + i + 1);
			if (c == -1)
				return 0;
			i += 2;
		}
		if (text_add_byte(t, (char)c) == -1)
			return -1;
	}
	return 1;
}

static int
encode(struct text *t, struct span s)
{
	size_t i;
	unsigned char c;
	int done = 0;

	for (i = 0; i < s.len && done == 0; i++) {
		c = (unsigned char)s.s[i];
		done = c <= ' ' || c >= 0x7f || c == '%' ?
		    text_printf(t, "%%%02x", c) : text_add_byte(t, s.s[i]);
	}
	return done;
}

static int
reply(struct answerer *w, const char *code, struct span text)
{
	struct text *t = &w->reply;

	t->len = 0;
	if (text_printf(t, "%s ", code) == -1 || encode(t, text) == -1 ||
	    text_add_byte(t, '\n') == -1)
		return -1;
	if (t->len > LONGEST_REPLY)
		return reply(w, "400", span_of("the answer is longer than "
		    "tcp_table(5) allows"));
	output_write(w->out, text_span(t));
	return 0;
}

static int
find_none(struct answerer *w, const char *why)
{
	return reply(w, "500", span_of(why));
}

void
tcp_table_report(void *with, enum trouble trouble, size_t line,
    struct span message)
{
	struct tcp_table *how = with;

	(void)trouble;
	(void)line;
	how->trouble = message;
}

static int
add_addresses(struct text *t, const struct outcome *o)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		if ((i > 0 && text_add(t, ", ", 2) == -1) ||
		    address_add(t, o->destinations[i].local,
		    o->destinations[i].domain) == -1)
			return -1;
	return 0;
}

/* HOST[:PORT] of a rule, as transport(5) has it: no MX is looked up. */
static int
add_host(struct text *t, struct span detail)
{
	static const char tag[] = "IPv6:";
	const char *end = detail.s + detail.len;
	const char *close = memchr(detail.s, ']', detail.len);
	struct span host, rest;

	if (close == NULL) {
		close = memchr(detail.s, ':', detail.len);
		if (close == NULL)
			close = end;
		host = span_between(detail.s, close);
		rest = span_between(close, end);
	} else {
		host = span_between(detail.s + 1, close);
		rest = span_between(close + 1, end);
	}
	if (span_begins_fold(host, tag))
		host = span_between(host.s + sizeof(tag) - 1,
		    host.s + host.len);
	return text_printf(t, "smtp:[%.*s]%.*s", (int)host.len, host.s,
	    (int)rest.len, rest.s);
}

/* The text of a rejection, or the first of it. */
static struct span
rejection(struct span text)
{
	if (text.len == 0)
		return span_of("rejected");
	if (text.len > LONGEST_TEXT_TOLD)
		text.len = LONGEST_TEXT_TOLD;
	return text;
}

/* Nothing is added where Postfix is to find the way itself. */
static int
add_transport(struct text *t, const struct destination *d)
{
	switch (d->action) {
	case FORWARD:
		return add_host(t, d->detail);
	case REJECT:
		if (text_add(t, "error:", 6) == -1)
			return -1;
		return text_add_span(t, rejection(d->detail));
	case DISCARD:
		return text_add_span(t, span_of("discard:"));
	case RELAY:
	case INBOUND:
	default:
		return 0;
	}
}

static int
reply_transport(struct answerer *w, const struct outcome *o)
{
	size_t i;

	if (add_transport(&w->found, &o->destinations[0]) == -1)
		return -1;
	for (i = 1; i < o->count; i++) {
		w->other.len = 0;
		if (add_transport(&w->other, &o->destinations[i]) == -1)
			return -1;
		if (!span_equal(text_span(&w->other), text_span(&w->found)))
			return find_none(w, "it goes several ways");
	}
	return w->found.len > 0 ? reply(w, "200", text_span(&w->found)) :
	    find_none(w, "it is not forwarded");
}

static int
reply_addresses(struct answerer *w, const struct outcome *o, bool domain)
{
	if (!outcome_is_rewritten(o))
		return find_none(w, "it stays as it is");
	if (domain)
		return reply(w, "200", o->destinations[0].domain);
	return add_addresses(&w->found, o) == -1 ? -1 :
	    reply(w, "200", text_span(&w->found));
}

/* Where the domain of a key begins; 0 if it has no @. */
static size_t
domain_begin(struct span key)
{
	size_t at = key.len;

	while (at > 0 && key.s[at - 1] != '@')
		at--;
	return at;
}

/*
 * Makes an address of a key.  1, or 0 if it is none, or -1.  What is no
 * address as it is written has a local part that is written as it means.
 */
static int
read_key(struct answerer *w, struct span key, struct address *a)
{
	size_t at = domain_begin(key);
	struct span local = key, domain = { "", 0 };

	if (key.len == 0 || !address_fits_a_line(key) ||
	    span_equal(key, span_of("*")))
		return 0;
	if (at == 0 && !w->how->qualifies) {
		local = span_of(ANY_LOCAL);
		domain = key;
	} else if (address_only(key, a)) {
		return 1;
	} else if (at > 0) {
		local.len = at - 1;
		domain = (struct span){ key.s + at, key.len - at };
	}
	if (at == 1 || (domain.len == 0 ? at > 0 : !domain_valid(domain)))
		return 0;
	if (address_write(&w->address, local, domain, a) == -1)
		return -1;
	/* What is told of, if anything is. */
	a->mailbox = key;
	return 1;
}

/*
 * Whether a rule is for that domain, or those above it.  That there is one for
 * everything does not make each domain one that Postfix is to take mail for.
 */
static bool
names_domain(const struct router *r, const struct outcome *o)
{
	struct pattern p;
	struct hop first;

	if (router_trail(r, o->destinations, &first, 1) == 0)
		return false;
	p = rules_pattern(router_rules(r), first.rule);
	return p.locals != LOCAL_REGEX && p.scope != SCOPE_ANY;
}

static int
answer_key(struct answerer *w, size_t line)
{
	struct span key = text_span(&w->key);
	bool domain = domain_begin(key) == 0 && !w->how->qualifies;
	struct filter *f = w->filter;
	struct outcome o;
	struct address a;
	int found = read_key(w, key, &a);

	if (found < 1)
		return found == -1 ? -1 : find_none(w, "it is no address");
	w->found.len = 0;
	if (filter_route(f, RECIPIENT, &a, line, &o) == -1)
		return -1;
	if (compiled_damaged(router_rules(f->router)))
		return reply(w, "400", span_of("the table was altered since "
		    "it was compiled; compile it again from its text"));
	if (o.status != ROUTED) {
		w->how->troubles++;
		return reply(w, "400", w->how->trouble);
	}
	if (domain && !names_domain(f->router, &o))
		return find_none(w, "no rule is for this domain");
	return w->how->value == TCP_TABLE_TRANSPORT ? reply_transport(w, &o) :
	    reply_addresses(w, &o, domain);
}

static int
answer(struct answerer *w, struct span request, size_t line)
{
	static const char get[] = "get ";
	struct span key = request;
	int decoded;

	if (!span_begins_fold(request, get))
		return reply(w, "400", span_of("ask with: get KEY"));
	key.s += sizeof(get) - 1;
	key.len -= sizeof(get) - 1;
	decoded = decode(&w->key, span_trim(key));
	if (decoded == 0)
		return reply(w, "400", span_of("a % in the key has no two "
		    "hexadecimal digits behind it; write %25 for it"));
	return decoded == -1 ? -1 : answer_key(w, line);
}

/* Takes what is left of a line that is too long. */
static void
skip_line(struct input *in)
{
	size_t len;
	bool ended;

	do {
		len = input_line(in, 0, '\n', READER_PEEK);
		if (len > READER_PEEK)
			len = READER_PEEK;
		ended = len == 0 || input_span(in).s[len - 1] == '\n';
		input_take(in, len);
	} while (!ended);
}

static int
answer_all(struct answerer *w, struct input *in)
{
	size_t len, line;
	int done = 0;

	for (line = 1; done == 0 &&
	    (len = input_line(in, 0, '\n', LONGEST_TEXT)) > 0; line++) {
		if (len > LONGEST_TEXT) {
			skip_line(in);
			done = reply(w, "400", span_of("the request is too "
			    "long"));
			continue;
		}
		done = answer(w, reader_cut_line_end((struct span)
		    { input_span(in).s, len }), line);
		input_take(in, len);
	}
	return done;
}

int
tcp_table_answer(struct input *in, struct output *out, struct filter *f,
    struct tcp_table *how)
{
	struct answerer w = { .out = out, .filter = f, .how = how };
	int done;

	done = answer_all(&w, in);
	text_free(&w.key);
	text_free(&w.address);
	text_free(&w.found);
	text_free(&w.other);
	text_free(&w.reply);
	return done;
}
