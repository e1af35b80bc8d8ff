/*
 * Any text as the address parser reads it: what it finds lies in the text in
 * its order, the short way finds the same as the long one, and what was found
 * is found again when it is written out alone.
 */
#include "address.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Whether one lies in the other. */
static bool
is_in(struct span s, struct span whole)
{
	return s.s >= whole.s && s.s + s.len <= whole.s + whole.len;
}

static void
check_spans(const struct address *a, struct span rest)
{
	fuzz_check(is_in(a->mailbox, rest) && a->mailbox.len > 0,
	    "a mailbox comes behind the one before it");
	fuzz_check(is_in(a->local, a->mailbox), "a local part is in its "
	    "mailbox");
	fuzz_check(a->domain.len == 0 || (is_in(a->domain, a->mailbox) &&
	    a->domain.s > a->local.s + a->local.len - 1),
	    "a domain is in its mailbox, behind the local part");
}

static void
check_written(const struct address *a)
{
	struct text written = { 0 }, one = { 0 }, other = { 0 };
	struct address again;
	bool done = address_add(&written, a->local, a->domain) == 0 &&
	    address_add_canonical(&one, a->local, a->domain) == 0;

	fuzz_check(done, "there is memory");
	if (!address_is_null(a)) {
		fuzz_check(address_only(text_span(&written), &again),
		    "what was written is an address");
		fuzz_check(address_add_canonical(&other, again.local,
		    again.domain) == 0, "there is memory");
		fuzz_check_same(text_span(&one), text_span(&other),
		    "what was written is the same address");
	}
	text_free(&written);
	text_free(&one);
	text_free(&other);
}

static void
check_same_span(struct span a, struct span b)
{
	fuzz_check(a.s == b.s && a.len == b.len,
	    "the short way finds what the long one finds");
}

static void
check_same(const struct address *a, const struct address *b,
    enum address_found found)
{
	check_same_span(a->mailbox, b->mailbox);
	if (found != ADDRESS_FOUND)
		return;
	check_same_span(a->local, b->local);
	check_same_span(a->domain, b->domain);
}

/* Behind what was found last. */
static struct span
rest_behind(const struct address *a, struct span text)
{
	return span_between(a->mailbox.s + a->mailbox.len,
	    text.s + text.len);
}

static void
read_both_ways(struct span text)
{
	struct address_parser quick, plodding;
	struct address a, b;
	struct span rest = text;
	enum address_found found;

	address_begin(&quick, text);
	address_begin(&plodding, text);
	plodding.plodding = true;
	while ((found = address_next(&quick, &a)) != ADDRESS_END) {
		fuzz_check(address_next(&plodding, &b) == found,
		    "the short way finds as much as the long one");
		check_same(&a, &b, found);
		if (found == ADDRESS_FOUND) {
			check_spans(&a, rest);
			check_written(&a);
			rest = rest_behind(&a, rest);
		}
	}
	fuzz_check(address_next(&plodding, &b) == ADDRESS_END,
	    "both ways come to the end");
}

/* What is found, and no more: the work of it. */
static void
count_work(struct span text)
{
	unsigned long long begun = fuzz_work;
	struct address_parser p;
	struct address a;

	address_begin(&p, text);
	while (address_next(&p, &a) != ADDRESS_END)
		;
	fuzz_check_work(begun, text.len, 200, 40);
}

/*
 * The same text over and over: what is not linear shows the sooner.  It takes
 * long, so not all are chosen for it, but more of the short ones.
 */
static bool
is_chosen(const uint8_t *data, size_t size)
{
	return size <= 3 || (data[0] + data[size - 1] + size) %
	    (size <= 8 ? 4 : 64) == 0;
}

static void
count_work_of_many(struct span text)
{
	struct text many = { 0 };
	size_t i;

	for (i = 0; i < 2048 / (text.len + 1); i++)
		fuzz_check(text_add_span(&many, text) == 0,
		    "there is memory");
	count_work(text_span(&many));
	text_free(&many);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span text = { (const char *)data, size };
	struct address a;

	read_both_ways(text);
	if (address_only(text, &a))
		check_spans(&a, text);
	count_work(text);
	if (is_chosen(data, size))
		count_work_of_many(text);
	return 0;
}
