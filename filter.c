#include "filter.h"

enum { SHOWN = 60 };	/* bytes of the input that a report quotes */

void
filter_free(struct filter *f)
{
	text_free(&f->message);
}

void
filter_plain(struct filter *f, struct span s)
{
	f->writer.plain(f->writer.state, s);
}

static void
say(struct filter *f, enum trouble trouble, size_t line)
{
	f->report(f->with, trouble, line, text_span(&f->message));
}

int
filter_report(struct filter *f, enum trouble trouble, size_t line,
    const char *what, struct span about)
{
	f->message.len = 0;
	if (text_printf(&f->message, "%s, left as it is: \"", what) == -1 ||
	    text_add_visible(&f->message, about, SHOWN) == -1 ||
	    text_add_byte(&f->message, '"') == -1)
		return -1;
	say(f, trouble, line);
	return 0;
}

/* An address that a rule leads to nowhere. */
static int
report_rule(struct filter *f, const struct address *a,
    const struct outcome *outcome, size_t line)
{
	const struct rules *rules = router_rules(f->router);
	struct span file = rules_file(rules, outcome->rule);
	struct text *t = &f->message;

	t->len = 0;
	if (text_add_byte(t, '"') == -1 ||
	    text_add_visible(t, a->mailbox, SHOWN) == -1 ||
	    text_printf(t, "\" left as it is: %s %.*s:%zu, ",
	    outcome->status == LOOPED ? "it loops through" :
	    "no address is made of it by", (int)file.len, file.s,
	    rules_line(rules, outcome->rule)) == -1 ||
	    rules_add_pattern_text(rules, outcome->rule, t) == -1 ||
	    text_add(t, " -> ", 4) == -1 ||
	    rules_add_route_text(rules, outcome->rule, t) == -1)
		return -1;
	say(f, MISLED, line);
	return 0;
}

/* The line in which s stands, in a text that begins in that line. */
static size_t
line_of(struct span text, const char *s, size_t line)
{
	const char *c;

	for (c = text.s; c < s; c++)
		line += *c == '\n';
	return line;
}

static int
pass_address(struct filter *f, enum role role, const struct address *a,
    struct span text, size_t line)
{
	struct outcome outcome;

	if (router_route(f->router, role, a, &outcome) == -1)
		return -1;
	if (outcome.status != ROUTED && report_rule(f, a, &outcome,
	    line_of(text, a->mailbox.s, line)) == -1)
		return -1;
	return f->writer.mailbox(f->writer.state, a, &outcome);
}

int
filter_text(struct filter *f, enum role role, struct span text,
    const struct place *place, size_t line)
{
	const struct writer *w = &f->writer;
	struct address_parser p;
	struct address a;
	enum address_found found;
	const char *s = text.s;

	w->begin(w->state, place);
	address_begin(&p, text);
	while ((found = address_next(&p, &a)) != ADDRESS_END) {
		if (found == ADDRESS_UNREADABLE)
			continue;
		if (w->between(w->state, span_between(s, a.mailbox.s)) == -1 ||
		    pass_address(f, role, &a, text, line) == -1)
			return -1;
		s = a.mailbox.s + a.mailbox.len;
	}
	if (w->between(w->state, span_between(s, text.s + text.len)) == -1)
		return -1;
	return w->end(w->state);
}
