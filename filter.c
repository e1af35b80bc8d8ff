#include <string.h>

#include "filter.h"
#include "match.h"

enum {
	SHOWN = 60,		/* bytes of the input that a report quotes */

	/*
	 * Bytes of an address on a line of its own.  With the command before
	 * it that is a line of 998 (RFC 5322, 2.1.1; RFC 5321, 4.5.3.1, says
	 * 256): a receiver might take the rest of a longer one for another.
	 */
	LONGEST_ADDRESS = 980
};

void
filter_free(struct filter *f)
{
	text_free(&f->message);
	text_free(&f->found_sender);
	text_free(&f->room);
	spool_free(&f->to);
	spool_free(&f->resent);
}

bool
filter_wants_recipients(const struct filter *f)
{
	return f->writer.recipient != NULL;
}

bool
filter_wants_sender(const struct filter *f)
{
	return f->writer.envelope && f->writer.header_end != NULL &&
	    f->sender == NULL;
}

static void
say(struct filter *f, enum trouble trouble, size_t line)
{
	f->report(f->with, trouble, line, text_span(&f->message));
}

int
filter_report(struct filter *f, size_t line, const char *what,
    struct span about)
{
	f->message.len = 0;
	if (text_printf(&f->message, "%s: \"", what) == -1 ||
	    text_add_visible(&f->message, about, SHOWN) == -1 ||
	    text_add_byte(&f->message, '"') == -1)
		return -1;
	f->counts.unreadable++;
	say(f, UNREADABLE, line);
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

/* A recipient that is refused, with the text for whoever sent the mail. */
static int
report_rejection(struct filter *f, const struct address *a, struct span text)
{
	struct text *t = &f->message, address = { 0 };
	int done;

	t->len = 0;
	done = text_add_byte(t, '<') == -1 ||
	    address_add(&address, a->local, a->domain) == -1 ||
	    text_add_visible(t, text_span(&address), LONGEST_ADDRESS) == -1;
	text_free(&address);
	if (done || text_add(t, ">: ", 3) == -1 ||
	    text_add_span(t, text.len > 0 ? text : span_of("rejected")) == -1)
		return -1;
	say(f, REJECTED, 0);
	return 0;
}

static void
count(struct counts *c, const struct outcome *outcome)
{
	const struct destination *d;
	size_t i;

	c->addresses++;
	c->rewritten += outcome_is_rewritten(outcome);
	for (i = 0; i < outcome->count; i++) {
		d = &outcome->destinations[i];
		c->forwarded += d->action == FORWARD;
		c->inbound += d->action == INBOUND;
		c->rejected += d->action == REJECT;
		c->discarded += d->action == DISCARD;
	}
}

void
filter_plain(struct filter *f, struct span s)
{
	if (f->writer.plain != NULL)
		f->writer.plain(f->writer.state, s);
}

int
filter_route(struct filter *f, enum role role, const struct address *a,
    size_t line, struct outcome *outcome)
{
	if (router_route(f->router, role, a, outcome) == -1)
		return -1;
	count(&f->counts, outcome);
	return outcome->status == ROUTED ? 0 :
	    report_rule(f, a, outcome, line);
}

/* Only a rule for the very address is for what may be none. */
static bool
is_for_address(struct filter *f, const struct outcome *outcome)
{
	struct hop first;

	return outcome->status == ROUTED && router_trail(f->router,
	    outcome->destinations, &first, 1) > 0 &&
	    rules_is_for_address(router_rules(f->router), first.rule);
}

/*
 * Appends an address, and says whether it fits; -1 if there is no memory.  In a
 * literal a server might take a '>' for the end of the path.
 */
static int
add_fitting(struct text *t, struct span local, struct span domain)
{
	t->len = 0;
	if (address_add(t, local, domain) == -1)
		return -1;
	return t->len <= LONGEST_ADDRESS && address_fits_a_line(text_span(t)) &&
	    (domain.len == 0 || memchr(domain.s, '>', domain.len) == NULL);
}

static int
fit_lines(struct filter *f, const struct outcome *outcome)
{
	const struct destination *d;
	size_t i;
	int fits = 1;

	for (i = 0; i < outcome->count && fits == 1; i++) {
		d = &outcome->destinations[i];
		if (!destination_is_gone(d))
			fits = add_fitting(&f->message, d->local, d->domain);
	}
	return fits;
}

static int
tell(struct filter *f, const struct address *a, const struct outcome *outcome,
    size_t line)
{
	int fits;

	if (f->writer.recipient == NULL)
		return 0;
	f->told++;
	if (f->writer.lines) {
		if ((fits = fit_lines(f, outcome)) == -1)
			return -1;
		if (!fits)
			return filter_report(f, line,
			    "a recipient that fits on no line is left out",
			    a->mailbox);
	}
	return f->writer.recipient(f->writer.state, a, outcome);
}

/* Puts a recipient of the header aside: two lengths, local part @ domain. */
static int
put_aside(struct filter *f, struct spool *spool, const struct address *a)
{
	struct text *room = &f->room;

	room->len = 0;
	if (text_add(room, (const char *)&a->local.len,
	    sizeof(a->local.len)) == -1 ||
	    text_add(room, (const char *)&a->domain.len,
	    sizeof(a->domain.len)) == -1 ||
	    text_add_span(room, a->local) == -1 ||
	    text_add_byte(room, '@') == -1 ||
	    text_add_span(room, a->domain) == -1)
		return -1;
	spool->file = f->aside;
	return spool_add(spool, text_span(room));
}

/* Whether recipients found in the header make the envelope. */
static bool
collects(const struct filter *f)
{
	return f->writer.recipient != NULL && f->n_recipients == 0 &&
	    !f->given;
}

static int
between(struct filter *f, struct span s)
{
	return f->writer.between == NULL ? 0 :
	    f->writer.between(f->writer.state, s);
}

/* Whether the writer takes addresses that no rule is for as plain bytes. */
static bool
takes_unruled(const struct filter *f)
{
	return f->writer.recipient == NULL;
}

bool
filter_passes(struct filter *f, const struct address *a, size_t n)
{
	size_t i;

	if (!takes_unruled(f))
		return false;
	for (i = 0; i < n; i++)
		if (!router_passes(f->router, RECIPIENT, &a[i]))
			return false;
	f->counts.addresses += n;
	return true;
}

int
filter_address(struct filter *f, enum use use, const struct address *a,
    size_t line)
{
	struct outcome outcome;

	if ((use == USE_TO || use == USE_RESENT) && collects(f) &&
	    !address_is_null(a) && put_aside(f, use == USE_TO ? &f->to :
	    &f->resent, a) == -1)
		return -1;
	if (f->writer.mailbox == NULL && use != USE_LIST && use != USE_ID)
		return 0;
	if (use == USE_ID) {
		if (router_route(f->router, RECIPIENT, a, &outcome) == -1)
			return -1;
		if (!is_for_address(f, &outcome))
			return between(f, a->mailbox);
	}
	if (filter_route(f, use == USE_SENDER ? SENDER : RECIPIENT, a, line,
	    &outcome) == -1)
		return -1;
	if ((use == USE_LIST || use == USE_ID) && !address_is_null(a) &&
	    tell(f, a, &outcome, line) == -1)
		return -1;
	return f->writer.mailbox == NULL ? 0 :
	    f->writer.mailbox(f->writer.state, a, &outcome);
}

/* A text while its addresses are passed on. */
struct passage {
	enum use use;
	const char *s;		/* what comes next */
	size_t line;		/* of it */
};

static void
begin(struct filter *f, const struct place *place)
{
	if (f->writer.begin != NULL)
		f->writer.begin(f->writer.state, place);
}

/* An address, and what stands before it. */
static int
pass_address(struct filter *f, struct passage *p, const struct address *a)
{
	struct span before = span_between(p->s, a->mailbox.s);

	p->line += span_lines(before);
	if (between(f, before) == -1 ||
	    filter_address(f, p->use, a, p->line) == -1)
		return -1;
	p->line += span_lines(a->mailbox);
	p->s = a->mailbox.s + a->mailbox.len;
	return 0;
}

/* What stands behind the last one. */
static int
end(struct filter *f, const struct passage *p, struct span text)
{
	if (between(f, span_between(p->s, text.s + text.len)) == -1)
		return -1;
	return f->writer.end == NULL ? 0 : f->writer.end(f->writer.state);
}

int
filter_text(struct filter *f, enum use use, struct span text,
    const struct place *place, size_t line)
{
	struct passage passage = { use, text.s, line };
	struct address_parser p;
	struct address a;
	enum address_found found;

	begin(f, place);
	address_begin(&p, text);
	while ((found = address_next(&p, &a)) != ADDRESS_END) {
		if (found == ADDRESS_UNREADABLE)
			f->counts.unreadable++;
		else if (pass_address(f, &passage, &a) == -1)
			return -1;
	}
	return end(f, &passage, text);
}

int
filter_found(struct filter *f, enum use use, struct span text,
    const struct address *found, size_t n, const struct place *place,
    size_t line)
{
	struct passage passage = { use, text.s, line };
	size_t i;

	begin(f, place);
	for (i = 0; i < n; i++)
		if (pass_address(f, &passage, &found[i]) == -1)
			return -1;
	return end(f, &passage, text);
}

/* An address that some rule is for. */
static int
pass_ruled(struct filter *f, const struct address *a,
    const struct outcome *outcome, size_t line)
{
	const struct writer *w = &f->writer;
	const struct place place = { 0 };

	count(&f->counts, outcome);
	if (outcome->status != ROUTED && report_rule(f, a, outcome, line) == -1)
		return -1;
	begin(f, &place);
	if (w->mailbox(w->state, a, outcome) == -1)
		return -1;
	return w->end(w->state);
}

/* One line, *s being what is not yet passed on before it. */
static int
pass_plain_line(struct filter *f, const char **s, const struct address *a,
    uint32_t domain, size_t line)
{
	struct outcome outcome;
	int done = router_route_plain(f->router, RECIPIENT, a, domain,
	    &outcome);

	if (done != 0) {
		f->counts.addresses++;
		return done == 1 ? 0 : -1;
	}
	filter_plain(f, span_between(*s, a->mailbox.s));
	*s = a->mailbox.s + a->mailbox.len;
	return pass_ruled(f, a, &outcome, line);
}

/* Who takes recipients may ask for the way that one came. */
static int
pass_any_line(struct filter *f, const char **s, const struct address *a,
    size_t line)
{
	const struct place place = { 0 };

	filter_plain(f, span_between(*s, a->mailbox.s));
	*s = a->mailbox.s + a->mailbox.len;
	return filter_found(f, USE_LIST, a->mailbox, a, 1, &place, line);
}

int
filter_plain_lines(struct filter *f, const char **s, const struct address *a,
    size_t n, size_t line)
{
	bool unruled = takes_unruled(f);
	uint32_t domains[MOST_AT_ONCE];
	size_t i;
	int done = 0;

	if (unruled)
		match_domains(router_rules(f->router), RECIPIENT, a, n,
		    domains);
	for (i = 0; i < n && done == 0; i++)
		done = unruled ?
		    pass_plain_line(f, s, &a[i], domains[i], line + i) :
		    pass_any_line(f, s, &a[i], line + i);
	return done;
}

void
filter_open(struct filter *f, struct span before)
{
	f->counts.messages++;
	f->how_found = SENDER_UNKNOWN;
	f->found_sender.len = 0;
	f->told = 0;
	spool_clear(&f->to);
	spool_clear(&f->resent);
	if (f->writer.open != NULL)
		f->writer.open(f->writer.state, before);
	else
		filter_plain(f, before);
}

int
filter_found_sender(struct filter *f, enum sender_found how, struct span text)
{
	if (how <= f->how_found)
		return 0;
	f->found_sender.len = 0;
	f->how_found = how;
	return text_add_span(&f->found_sender, text);
}

static int
report_rejections(struct filter *f, const struct address *a,
    const struct outcome *outcome)
{
	size_t i;

	for (i = 0; i < outcome->count; i++)
		if (outcome->destinations[i].action == REJECT &&
		    report_rejection(f, a,
		    outcome->destinations[i].detail) == -1)
			return -1;
	return 0;
}

int
filter_recipient(struct filter *f, const struct address *a, size_t line,
    struct outcome *outcome)
{
	if (filter_route(f, RECIPIENT, a, line, outcome) == -1 ||
	    report_rejections(f, a, outcome) == -1)
		return -1;
	return tell(f, a, outcome, line);
}

/* A recipient from the header, which was counted and reported there. */
static int
header_recipient(struct filter *f, const struct address *a)
{
	struct outcome outcome;

	if (f->writer.mailbox == NULL)
		return filter_recipient(f, a, 0, &outcome);
	if (router_route(f->router, RECIPIENT, a, &outcome) == -1)
		return -1;
	if (f->writer.envelope && report_rejections(f, a, &outcome) == -1)
		return -1;
	return tell(f, a, &outcome, 0);
}

/* Takes what was put aside out again, however the pieces are cut. */
static int
take_aside(void *state, struct span piece)
{
	struct filter *f = state;
	struct text *t = &f->room;
	size_t lens[2], used = 0, need;
	struct address a;

	if (text_add_span(t, piece) == -1)
		return -1;
	while (t->len - used >= sizeof(lens)) {
		memcpy(lens, t->s + used, sizeof(lens));
		need = sizeof(lens) + lens[0] + 1 + lens[1];
		if (t->len - used < need)
			break;
		a.local = (struct span){ t->s + used + sizeof(lens), lens[0] };
		a.domain = (struct span){ a.local.s + lens[0] + 1, lens[1] };
		a.mailbox = (struct span){ a.local.s, lens[0] + 1 + lens[1] };
		if (header_recipient(f, &a) == -1)
			return -1;
		used += need;
	}
	t->len -= used;
	memmove(t->s, t->s + used, t->len);
	return 0;
}

static int
tell_recipients(struct filter *f)
{
	struct outcome outcome;
	size_t i;

	for (i = 0; i < f->n_recipients; i++)
		if (filter_recipient(f, &f->recipients[i], 0, &outcome) == -1)
			return -1;
	if (!collects(f))
		return 0;
	f->room.len = 0;
	return spool_each(spool_is_empty(&f->resent) ? &f->to : &f->resent,
	    take_aside, f);
}

static int
report_sender(struct filter *f, struct span sender)
{
	return filter_report(f, 0, "a sender that cannot be "
	    "written, the null sender is taken instead", sender);
}

/* The sender of the envelope, by the rules for senders. */
static int
route_sender(struct filter *f, struct text *written)
{
	const struct address nobody = { { "", 0 }, { "", 0 }, { "", 0 } };
	struct address a = nobody;
	struct address_parser p;
	struct outcome outcome;
	const struct destination *d;
	int fits;

	written->len = 0;
	address_begin(&p, text_span(&f->found_sender));
	if (f->sender != NULL)
		a = *f->sender;
	else if (f->found_sender.len > 0 &&
	    address_next(&p, &a) != ADDRESS_FOUND)
		return report_sender(f, text_span(&f->found_sender));
	if (router_route(f->router, SENDER, &a, &outcome) == -1 ||
	    (outcome.status != ROUTED && report_rule(f, &a, &outcome, 0) == -1))
		return -1;
	d = outcome.destinations;
	if ((fits = add_fitting(written, d->local, d->domain)) == 1)
		return 0;
	written->len = 0;
	return fits == -1 ? -1 : report_sender(f, a.mailbox);
}

/* A message that nobody is to get would be lost without a word. */
static int
report_no_recipient(struct filter *f)
{
	f->message.len = 0;
	if (text_printf(&f->message, "a message without a recipient is left "
	    "out; name one with -r, or the fields with -H") == -1)
		return -1;
	f->counts.unreadable++;
	say(f, UNREADABLE, 0);
	return 0;
}

int
filter_header_end(struct filter *f, struct span line_end, bool parted)
{
	if (tell_recipients(f) == -1)
		return -1;
	if (f->writer.needs_recipients && f->told == 0 &&
	    report_no_recipient(f) == -1)
		return -1;
	if (f->writer.header_end == NULL)
		return 0;
	f->room.len = 0;
	if (f->writer.envelope && route_sender(f, &f->room) == -1)
		return -1;
	return f->writer.header_end(f->writer.state, text_span(&f->room),
	    line_end, parted);
}

void
filter_body(struct filter *f, struct span s)
{
	if (f->writer.body != NULL)
		f->writer.body(f->writer.state, s);
	else
		filter_plain(f, s);
}

void
filter_outside(struct filter *f, struct span s)
{
	if (f->writer.body == NULL)
		filter_plain(f, s);
}

void
filter_forget(struct filter *f)
{
	if (f->writer.forget != NULL)
		f->writer.forget(f->writer.state);
}

void
filter_close(struct filter *f)
{
	if (f->writer.close != NULL)
		f->writer.close(f->writer.state);
}

void
filter_finish(struct filter *f)
{
	if (f->writer.finish != NULL)
		f->writer.finish(f->writer.state);
}
