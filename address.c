#include <string.h>

#include "address.h"
#include "domain.h"

static bool
is_fws(char c)
{
	return text_is(c, CLASS_FWS);
}

static bool
is_line_end(char c)
{
	return c == '\r' || c == '\n';
}

/* What nobody takes for a part of a line. */
static bool
ends_line(char c)
{
	return is_line_end(c) || c == '\0';
}

static bool
is_separator(char c)
{
	return c == ',' || c == ';';
}

static bool
at_mailbox_end(const struct address_parser *p, const char *s)
{
	return s == p->end || is_separator(*s);
}

/* How far something that is opened at s may reach. */
static const char *
reach(struct address_parser *p, const char *s)
{
	if (!p->unclosed)
		return p->end;
	if (p->comma == NULL || p->comma < s) {
		p->comma = memchr(s, ',', (size_t)(p->end - s));
		if (p->comma == NULL)
			p->comma = p->end;
	}
	return p->comma;
}

/* RFC 5322, 3.2.4: behind the quoted string at s, or NULL. */
static const char *
quoted_string(struct address_parser *p, const char *s)
{
	const char *end = reach(p, s);

	for (s++; s < end; s++) {
		if (*s == '"')
			return s + 1;
		if (*s == '\\' && ++s == end)
			break;
	}
	p->unclosed = true;
	return NULL;
}

/* RFC 5322, 3.2.2: comments nest. */
static const char *
comment(struct address_parser *p, const char *s)
{
	const char *end = reach(p, s);
	size_t depth = 0;

	for (; s < end; s++) {
		if (*s == '(')
			depth++;
		else if (*s == ')' && --depth == 0)
			return s + 1;
		else if (*s == '\\' && ++s == end)
			break;
	}
	p->unclosed = true;
	return NULL;
}

static const char *
skip_fws(const struct address_parser *p, const char *s)
{
	while (s < p->end && is_fws(*s))
		s++;
	return s;
}

/* Stops at a comment that is never closed. */
static const char *
skip_cfws(struct address_parser *p, const char *s)
{
	const char *after;

	for (;;) {
		s = skip_fws(p, s);
		if (s == p->end || *s != '(' || (after = comment(p, s)) == NULL)
			return s;
		s = after;
	}
}

static const char *
atom(const char *s, const char *end)
{
	while (s < end && is_atext(*s))
		s++;
	return s;
}

/*
 * RFC 5322, 4.4 obs-local-part, dots anywhere.  Sets *local and returns what
 * follows it, or NULL if no local part begins here or a quote is not closed.
 */
static const char *
local_part(struct address_parser *p, const char *s, struct span *local)
{
	const char *start = s, *word;

	*local = span_between(s, s);
	for (;;) {
		if (s < p->end && *s == '"')
			word = quoted_string(p, s);
		else
			word = atom(s, p->end);
		if (word == NULL)
			return NULL;
		if (word > s)
			*local = span_between(start, word);
		s = skip_cfws(p, word);
		if (s == p->end || *s != '.')
			break;
		*local = span_between(start, ++s);
		s = skip_cfws(p, s);
	}
	return s > start ? local->s + local->len : NULL;
}

/*
 * RFC 5322, 3.4.1; what is quoted or folded in it may be obsolete (4.4).
 * The next bracket that opens ends the search for the one that closes.
 */
static const char *
domain_literal(struct address_parser *p, const char *s, struct span *domain)
{
	const char *start = s;

	for (s++; s < p->end && *s != '['; s++) {
		if (*s == ']') {
			*domain = span_between(start, s + 1);
			return s + 1;
		}
		if (*s == '\\' && ++s == p->end)
			break;
	}
	return NULL;
}

/*
 * RFC 5322, 4.4 obs-domain: comments and folding between the labels.  A dot
 * right behind the last label belongs to it.  Sets *domain to its first and
 * last byte and returns what follows it, or NULL if no domain begins here.
 */
static const char *
obs_domain(struct address_parser *p, const char *s, struct span *domain)
{
	const char *start = s, *label;

	if (s < p->end && *s == '[')
		return domain_literal(p, s, domain);
	if ((label = atom(s, p->end)) == s)
		return NULL;
	for (;;) {
		*domain = span_between(start, label);
		s = skip_cfws(p, label);
		if (s == p->end || *s != '.')
			return label;
		if (s == label)
			domain->len++;
		s = skip_cfws(p, s + 1);
		if (s == p->end || atom(s, p->end) == s)
			return start + domain->len;
		label = atom(s, p->end);
	}
}

const char *
address_plain(const char *s, const char *end, struct address *a)
{
	const char *at = s, *label, *after;

	while (at < end && text_is(*at, CLASS_ATEXT | CLASS_DOT))
		at++;
	if (at == s || at == end || *at != '@')
		return NULL;
	after = at;
	do {
		label = after + 1;
		after = atom(label, end);
		if (after == label)
			return NULL;
	} while (after < end && *after == '.');
	a->local = span_between(s, at);
	a->domain = span_between(at + 1, after);
	a->mailbox = span_between(s, after);
	return after;
}

/*
 * An addr-spec, or a local part alone.  Sets *a and returns what follows it,
 * or NULL; *at_fault is then where the reading failed.
 */
static const char *
addr_spec(struct address_parser *p, const char *s, struct address *a,
    const char **at_fault)
{
	const char *at;

	if (!p->plodding && (at = address_plain(s, p->end, a)) != NULL &&
	    (at_mailbox_end(p, at) || *at == '>'))
		return at;
	*at_fault = s;
	a->domain = span_between(s, s);
	if ((s = local_part(p, s, &a->local)) == NULL)
		return NULL;
	at = skip_cfws(p, s);
	if (at == p->end || *at != '@')
		return s;
	*at_fault = skip_cfws(p, at + 1);
	return obs_domain(p, *at_fault, &a->domain);
}

static void
set_mailbox(struct address *a, const char *start, const char *end)
{
	/* No mailbox begins with a blank. */
	while (is_fws(end[-1]))
		end--;
	a->mailbox = span_between(start, end);
}

/* Where the mailbox at s, which cannot be read, is over: at its comma. */
static const char *
next_comma(struct address_parser *p, const char *s)
{
	const char *after;

	for (; s < p->end && *s != ','; s = after) {
		after = *s == '"' ? quoted_string(p, s) :
		    *s == '(' ? comment(p, s) : s + 1;
		if (after == NULL)
			return reach(p, s);
	}
	return s;
}

/* Passes over a mailbox that cannot be read, from the byte at fault on. */
static enum address_found
unreadable(struct address_parser *p, const char *start, const char *at_fault,
    struct address *a)
{
	p->s = next_comma(p, at_fault);
	set_mailbox(a, start, p->s);
	return ADDRESS_UNREADABLE;
}

/* RFC 5322, 4.4 obs-route: "@a,@b:", or nothing.  NULL if it is broken. */
static const char *
route(struct address_parser *p, const char *s)
{
	struct span ignored;

	if (s == p->end || (*s != '@' && *s != ','))
		return s;
	while (s < p->end && (*s == '@' || *s == ',')) {
		if (*s == '@') {
			s = obs_domain(p, skip_cfws(p, s + 1), &ignored);
			if (s == NULL)
				return NULL;
		} else {
			s++;
		}
		s = skip_cfws(p, s);
	}
	return s < p->end && *s == ':' ? skip_cfws(p, s + 1) : NULL;
}

/* RFC 5322, 3.4 angle-addr, at its "<"; the ">" may be lost. */
static enum address_found
angle_addr(struct address_parser *p, const char *start, const char *s,
    struct address *a)
{
	const char *at_fault = s + 1;

	*a = (struct address){ .local = { s + 1, 0 }, .domain = { s + 1, 0 } };
	if ((s = route(p, skip_cfws(p, s + 1))) == NULL)
		return unreadable(p, start, at_fault, a);
	if (s == p->end || *s != '>') {
		if ((s = addr_spec(p, s, a, &at_fault)) == NULL)
			return unreadable(p, start, at_fault, a);
		s = skip_cfws(p, s);
	}
	if (s < p->end && *s == '>')
		s = skip_cfws(p, s + 1);
	else if (!at_mailbox_end(p, s))
		return unreadable(p, start, s, a);
	set_mailbox(a, start, s);
	p->junk = !at_mailbox_end(p, s);
	p->s = s;
	return ADDRESS_FOUND;
}

/*
 * What stands before the end of a mailbox, an angle bracket or the colon of
 * a group: words, and at most one address that lost its brackets.
 */
struct phrase {
	size_t words;		/* with the address */
	size_t addresses;
	bool broken;		/* nothing in it can be an address */
};

/*
 * What may stand right behind a word of a phrase that is an address; behind
 * that of a display name or of a group there may be anything.
 */
static bool
ends_word(char c)
{
	return is_fws(c) || is_separator(c) || c == '(';
}

/*
 * Takes one word or address of the phrase, which lands in *a.  Returns what
 * follows, or NULL if a quote is not closed.
 */
static const char *
phrase_word(struct address_parser *p, const char *s, struct phrase *phrase,
    struct address *a)
{
	struct address word;
	const char *after, *close, *at_fault;

	after = addr_spec(p, s, &word, &at_fault);
	if (after == NULL && at_fault == s)
		return NULL;
	if (after == NULL || phrase->addresses > 0)
		phrase->broken = true;
	if (after == NULL)
		return at_fault;
	phrase->words++;
	phrase->addresses += word.domain.len > 0;
	*a = word;
	close = skip_cfws(p, after);
	if (close < p->end && *close == '>' && word.domain.len > 0)
		return close + 1;
	if (after < p->end && !ends_word(*after))
		phrase->broken = true;
	return after;
}

/* The phrase is over, and no angle bracket came: what was it? */
static enum address_found
bare_address(struct address_parser *p, const char *start, const char *s,
    const struct phrase *phrase, struct address *a)
{
	if (phrase->words == 0 && !phrase->broken) {
		p->s = s;
		return ADDRESS_END;
	}
	if (phrase->broken || (phrase->addresses == 0 && phrase->words > 1))
		return unreadable(p, start, s, a);
	set_mailbox(a, start, s);
	p->s = s;
	return ADDRESS_FOUND;
}

/*
 * One mailbox, from its first byte.  ADDRESS_END means that there was none,
 * but a comment alone or the name of a group.
 */
static enum address_found
mailbox(struct address_parser *p, const char *start, struct address *a)
{
	struct phrase phrase = { 0 };
	const char *s, *after;

	for (s = skip_cfws(p, start);; s = skip_cfws(p, after)) {
		if (at_mailbox_end(p, s))
			return bare_address(p, start, s, &phrase, a);
		if (*s == '<')
			return angle_addr(p, start, s, a);
		if (*s == ':' && phrase.addresses == 0) {
			p->s = s + 1;
			return ADDRESS_END;
		}
		if (*s == '(')
			return unreadable(p, start, s, a);
		if (is_atext(*s) || *s == '"' || *s == '.') {
			after = phrase_word(p, s, &phrase, a);
			if (after == NULL)
				return unreadable(p, start, s, a);
		} else {
			phrase.broken = true;
			after = s + 1;
		}
	}
}

void
address_begin(struct address_parser *p, struct span text)
{
	*p = (struct address_parser){ .s = text.s, .end = text.s + text.len };
}

/* A mailbox that is nothing but an address, and no comment behind it. */
static bool
plain_mailbox(struct address_parser *p, struct address *a)
{
	const char *after = p->plodding ? NULL :
	    address_plain(p->s, p->end, a);

	if (after == NULL || !at_mailbox_end(p, after))
		return false;
	p->s = after;
	return true;
}

enum address_found
address_next(struct address_parser *p, struct address *a)
{
	enum address_found found;

	if (p->junk) {
		p->junk = false;
		return unreadable(p, p->s, p->s, a);
	}
	for (;;) {
		while (p->s < p->end && (is_fws(*p->s) || is_separator(*p->s)))
			p->s++;
		if (p->s == p->end)
			return ADDRESS_END;
		if (plain_mailbox(p, a))
			return ADDRESS_FOUND;
		if ((found = mailbox(p, p->s, a)) != ADDRESS_END)
			return found;
	}
}

bool
address_only(struct span text, struct address *a)
{
	struct address_parser p;

	address_begin(&p, text);
	if (address_next(&p, a) != ADDRESS_FOUND)
		return false;
	return a->local.s == text.s && a->local.len +
	    (a->domain.len > 0 ? a->domain.len + 1 : 0) == text.len;
}

bool
address_is_null(const struct address *a)
{
	return a->local.len == 0;
}

/*
 * What a local part means: without quotes, and what is folded or a comment
 * outside of them; in them only line ends are dropped, not blanks.
 */
static int
add_local(struct text *t, struct span local)
{
	struct address_parser p;
	bool quoted = false, escaped = false;
	const char *s;

	address_begin(&p, local);
	for (s = skip_cfws(&p, local.s); s < p.end;
	    s = quoted ? s + 1 : skip_cfws(&p, s + 1)) {
		if (quoted && !escaped && *s == '\\') {
			escaped = true;
			continue;
		}
		if (!escaped && *s == '"')
			quoted = !quoted;
		else if ((escaped || !quoted || !is_line_end(*s)) &&
		    text_add_byte(t, *s) == -1)
			return -1;
		escaped = false;
	}
	return 0;
}

/* A quoted pair is resolved unless that would change the literal's form. */
static int
add_literal(struct text *t, struct span literal)
{
	size_t i;

	for (i = 0; i < literal.len; i++) {
		if (is_fws(literal.s[i]))
			continue;
		if (literal.s[i] == '\\' && i + 1 < literal.len) {
			i++;
			if (is_fws(literal.s[i]) ||
			    strchr("[]\\", literal.s[i]) != NULL)
				if (text_add_byte(t, '\\') == -1)
					return -1;
		}
		if (text_add_byte(t, literal.s[i]) == -1)
			return -1;
	}
	return 0;
}

static int
add_domain(struct text *t, struct span domain)
{
	struct address_parser p;
	size_t from = t->len;
	const char *s, *word;

	if (domain.s[0] == '[')
		return add_literal(t, domain) == -1 ? -1 :
		    domain_canonical(t, from);
	address_begin(&p, domain);
	for (s = domain.s; (s = skip_cfws(&p, s)) < p.end; s = word) {
		if ((word = atom(s, p.end)) == s)
			word++;
		if (text_add_span(t, span_between(s, word)) == -1)
			return -1;
	}
	return domain_canonical(t, from);
}

int
address_local(struct span local, struct text *room, struct span *meaning)
{
	size_t i = 0;

	while (i < local.len && text_is(local.s[i], CLASS_ATEXT | CLASS_DOT))
		i++;
	*meaning = local;
	if (i == local.len)
		return 0;
	room->len = 0;
	if (add_local(room, local) == -1)
		return -1;
	*meaning = text_span(room);
	return 0;
}

int
address_domain(struct span domain, struct text *room, struct span *meaning)
{
	size_t i = 0;

	while (i < domain.len && text_is(domain.s[i], CLASS_CANONICAL))
		i++;
	*meaning = domain;
	if (i == domain.len && (i == 0 || domain.s[i - 1] != '.'))
		return 0;
	room->len = 0;
	if (add_domain(room, domain) == -1)
		return -1;
	*meaning = text_span(room);
	return 0;
}

bool
address_is_dot_atom(struct span a)
{
	size_t i;

	for (i = 0; i < a.len; i++) {
		if (a.s[i] == '.' && i > 0 && i + 1 < a.len &&
		    a.s[i - 1] != '.')
			continue;
		if (!is_atext(a.s[i]))
			return false;
	}
	return a.len > 0;
}

int
address_add_quoted(struct text *t, struct span meaning)
{
	size_t i;

	if (address_is_dot_atom(meaning))
		return text_add_span(t, meaning);
	if (text_reserve(t, 2 * meaning.len + 2) == -1)
		return -1;
	t->s[t->len++] = '"';
	for (i = 0; i < meaning.len; i++) {
		if (meaning.s[i] == '"' || meaning.s[i] == '\\' ||
		    ends_line(meaning.s[i]))
			t->s[t->len++] = '\\';
		t->s[t->len++] = meaning.s[i];
	}
	t->s[t->len++] = '"';
	return 0;
}

int
address_write(struct text *t, struct span meaning, struct span domain,
    struct address *a)
{
	t->len = 0;
	if (meaning.len + domain.len > 0 &&
	    address_add_quoted(t, meaning) == -1)
		return -1;
	a->local.len = t->len;
	if (domain.len > 0 && (text_add_byte(t, '@') == -1 ||
	    text_add_span(t, domain) == -1))
		return -1;
	a->mailbox = text_span(t);
	a->local.s = a->mailbox.s;
	a->domain = (struct span){ a->mailbox.s + t->len - domain.len,
		domain.len };
	return 0;
}

static int
add_plain_local(struct text *t, struct span local)
{
	struct text room = { 0 };
	struct span meaning;
	int done;

	if (address_is_dot_atom(local))
		return text_add_span(t, local);
	done = address_local(local, &room, &meaning) == -1 ? -1 :
	    address_add_quoted(t, meaning);
	text_free(&room);
	return done;
}

static int
add_plain_domain(struct text *t, struct span domain)
{
	if (!domain_valid(domain))
		return add_domain(t, domain);
	if (domain.s[domain.len - 1] == '.')
		domain.len--;
	return text_add_span(t, domain);
}

int
address_add(struct text *t, struct span local, struct span domain)
{
	if (local.len == 0)
		return 0;
	if (add_plain_local(t, local) == -1)
		return -1;
	if (domain.len == 0)
		return 0;
	return text_add_byte(t, '@') == -1 ? -1 : add_plain_domain(t, domain);
}

int
address_add_canonical(struct text *t, struct span local, struct span domain)
{
	struct text room = { 0 };
	struct span meaning;
	size_t i, start = t->len;
	int done = -1;

	if (address_local(local, &room, &meaning) == -1 ||
	    text_add_span(t, meaning) == -1)
		goto out;
	for (i = start; i < t->len; i++)
		t->s[i] = (char)ascii_lower((unsigned char)t->s[i]);
	if (address_domain(domain, &room, &meaning) == -1 ||
	    text_add_byte(t, '@') == -1 || text_add_span(t, meaning) == -1)
		goto out;
	done = 0;
out:
	text_free(&room);
	return done;
}

bool
address_fits_a_line(struct span written)
{
	size_t i;

	for (i = 0; i < written.len; i++)
		if (ends_line(written.s[i]))
			return false;
	return true;
}

int
address_add_comments(struct text *t, struct span a)
{
	struct address_parser p;
	const char *s, *after;

	if (a.len == 0 || a.s[0] == '[' || memchr(a.s, '(', a.len) == NULL)
		return 0;
	address_begin(&p, a);
	for (s = a.s; s < p.end; s = after) {
		after = *s == '"' ? quoted_string(&p, s) :
		    *s == '(' ? comment(&p, s) : s + 1;
		if (*s == '(' && text_add_span(t, span_between(s, after)))
			return -1;
	}
	return 0;
}

bool
address_goes_on_quoting(struct address_quoting *q, struct span a)
{
	size_t i;

	for (i = 0; i < a.len; i++) {
		if (q->after_backslash) {
			q->after_backslash = false;
		} else if (q->close != 0 && a.s[i] == '\\') {
			q->after_backslash = true;
		} else if (a.s[i] == '(' &&
		    (q->close == 0 || q->close == ')')) {
			q->close = ')';
			q->depth++;
		} else if (q->close == 0) {
			if (a.s[i] == '"')
				q->close = '"';
			else if (a.s[i] == '[')
				q->close = ']';
		} else if (a.s[i] == q->close && (q->close != ')' ||
		    --q->depth == 0)) {
			q->close = 0;
		}
	}
	return q->after_backslash;
}
