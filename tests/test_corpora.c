/*
 * What others collected: messages, and addresses that are hard to read.
 * CORPORA names the folder that holds messages/ and isemail.tsv (see
 * tests/README); without it these tests are skipped, and say so.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

static const char *corpora;

static void
add(struct text *t, const char *s, size_t len)
{
	assert_int_equal(text_add(t, s, len), 0);
}

static void
path_of(struct text *t, const char *a, const char *b)
{
	t->len = 0;
	assert_int_equal(text_printf(t, "%s/%s%s", corpora, a, b), 0);
	assert_int_equal(text_add_byte(t, '\0'), 0);
}

static void
assert_comes_out(const char *what, const char *const *arguments,
    struct span input, enum feed feed, struct span expected)
{
	struct result r = program_run(arguments, input, feed);

	if (!span_equal(text_span(&r.output), expected) || r.status != 0 ||
	    r.errors.len > 0)
		fail_msg("%s %s: status %d, errors <%.*s>, output <%.*s>, "
		    "wanted <%.*s>", what, arguments[0], r.status,
		    (int)r.errors.len, r.errors.s == NULL ? "" : r.errors.s,
		    (int)r.output.len, r.output.s == NULL ? "" : r.output.s,
		    (int)expected.len, expected.s);
	program_free(&r);
}

/* Calls a function with every message; how many there are. */
static size_t
each_message(void (*test)(const char *name, struct span message))
{
	struct text path = { 0 }, message = { 0 };
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	path_of(&path, "messages", "");
	assert_non_null(dir = opendir(path.s));
	while ((entry = readdir(dir)) != NULL) {
		if (strstr(entry->d_name, ".eml") == NULL)
			continue;
		path_of(&path, "messages/", entry->d_name);
		message.len = 0;
		assert_true(program_read_file(path.s, &message));
		test(entry->d_name, text_span(&message));
		n++;
	}
	closedir(dir);
	text_free(&path);
	text_free(&message);
	return n;
}

static void
under_no_rule(const char *name, struct span message)
{
	static const char *const formats[] = { "message", "mbox", "smtp",
		"text" };
	const char *arguments[] = { "-i", NULL, "no.such.domain.invalid=x.y",
		NULL };
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		arguments[1] = formats[i];
		assert_comes_out(name, arguments, message, WHOLE, message);
		assert_comes_out(name, arguments, message, BY_BYTE, message);
	}
}

static void
every_message_is_unchanged_when_no_rule_matches(void **state)
{
	(void)state;
	if (corpora == NULL)
		skip();
	assert_true(each_message(under_no_rule) >= 100);
}

/* As a list a message is full of lines that are none: only these are told. */
static void
as_a_list(const char *name, struct span message)
{
	static const char *const arguments[] = { "-l",
		"no.such.domain.invalid=x.y", NULL };
	struct result whole = program_run(arguments, message, WHOLE);
	struct result bytes = program_run(arguments, message, BY_BYTE);

	(void)name;
	assert_true(span_equal(text_span(&whole.output), message));
	assert_true(span_equal(text_span(&bytes.output), message));
	assert_true(span_equal(text_span(&whole.errors),
	    text_span(&bytes.errors)));
	assert_int_equal(whole.status, bytes.status);
	program_free(&whole);
	program_free(&bytes);
}

static void
every_message_is_unchanged_as_a_list(void **state)
{
	(void)state;
	if (corpora == NULL)
		skip();
	assert_true(each_message(as_a_list) >= 100);
}

static void
to_themselves(const char *name, struct span message)
{
	static const char *const arguments[] = { "*=$0", NULL };

	assert_comes_out(name, arguments, message, WHOLE, message);
	assert_comes_out(name, arguments, message, BY_BYTE, message);
}

static void
every_message_is_unchanged_when_addresses_go_to_themselves(void **state)
{
	(void)state;
	if (corpora == NULL)
		skip();
	assert_true(each_message(to_themselves) >= 100);
}

static size_t with_recipients;

static void
by_smtp(const char *name, struct span message)
{
	static const char *const to_rcpt[] = { "-o", "rcpt", "a.example=b",
		NULL };
	static const char *const to_smtp[] = { "-o", "smtp", "a.example=b",
		NULL };
	static const char *const from_smtp[] = { "-i", "smtp", "-o", "rcpt",
		"a.example=b", NULL };
	struct result direct = program_run(to_rcpt, message, WHOLE), smtp;

	assert_int_equal(direct.status, 0);
	if (direct.output.len > 0) {
		smtp = program_run(to_smtp, message, WHOLE);
		assert_int_equal(smtp.status, 0);
		assert_comes_out(name, from_smtp, text_span(&smtp.output),
		    WHOLE, text_span(&direct.output));
		program_free(&smtp);
		with_recipients++;
	}
	program_free(&direct);
}

static void
every_message_keeps_its_recipients_by_smtp(void **state)
{
	(void)state;
	if (corpora == NULL)
		skip();
	with_recipients = 0;
	assert_true(each_message(by_smtp) >= 100);
	assert_true(with_recipients >= 50);
}

/* An address of isemail.tsv, \xNN and \\ resolved. */
static void
unescape(struct text *t, const char *s, size_t len)
{
	size_t i;
	char byte, hex[3] = "";

	t->len = 0;
	for (i = 0; i < len; i++) {
		byte = s[i];
		if (byte == '\\' && s[i + 1] == 'x') {
			memcpy(hex, s + i + 2, 2);
			byte = (char)strtol(hex, NULL, 16);
			i += 3;
		} else if (byte == '\\') {
			i++;
		}
		add(t, &byte, 1);
	}
}

static bool
is_fws(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
cut(struct span *s, const char *word, bool front)
{
	size_t len = strlen(word);

	if (s->len < len || memcmp(front ? s->s : s->s + s->len - len, word,
	    len) != 0)
		return false;
	s->s += front ? len : 0;
	s->len -= len;
	return true;
}

/* The domain of a valid address: behind the @, less blanks and comments. */
static struct span
domain_of(struct span address)
{
	size_t i = address.len;
	struct span d;

	while (address.s[i - 1] != '@')
		i--;
	d = (struct span){ address.s + i, address.len - i };
	while (cut(&d, "(comment)", true) || is_fws(d.s[0])) {
		if (is_fws(d.s[0]))
			d = (struct span){ d.s + 1, d.len - 1 };
	}
	while (cut(&d, "(comment)", false) || is_fws(d.s[d.len - 1]))
		if (is_fws(d.s[d.len - 1]))
			d.len--;
	return d;
}

/* The line of a table that routes this domain, and no other, to one. */
static void
rule_for(struct text *t, struct span domain)
{
	size_t i;

	for (i = 0; i < domain.len; i++)
		if (domain.s[0] == '[' || !is_fws(domain.s[i]))
			add(t, domain.s + i, 1);
	add(t, "  new.example", sizeof("  new.example"));
}

static void
put_in_field(struct text *t, struct span address)
{
	assert_int_equal(text_printf(t, "From: a@b\r\nTo: "), 0);
	add(t, address.s, address.len);
	assert_int_equal(text_printf(t, "\r\n\r\nBody\r\n"), 0);
}

static void
read_address(const char *id, struct span address)
{
	struct span domain = domain_of(address);
	size_t before = (size_t)(domain.s - address.s);
	struct text rule = { 0 }, changed = { 0 };
	struct text input = { 0 }, expected = { 0 };
	const char *arguments[] = { "-l", NULL, NULL };

	rule_for(&rule, domain);
	arguments[1] = rule.s;
	add(&changed, address.s, before);
	add(&changed, "new.example", 11);
	add(&changed, domain.s + domain.len,
	    address.len - before - domain.len);
	if (memchr(address.s, '\n', address.len) == NULL &&
	    memchr(address.s, '\r', address.len) == NULL)
		assert_comes_out(id, arguments, address, WHOLE,
		    text_span(&changed));
	put_in_field(&input, address);
	put_in_field(&expected, text_span(&changed));
	assert_comes_out(id, arguments + 1, text_span(&input), WHOLE,
	    text_span(&expected));
	text_free(&rule);
	text_free(&changed);
	text_free(&input);
	text_free(&expected);
}

static void
every_valid_address_is_read_and_only_its_domain_changes(void **state)
{
	struct text path = { 0 }, file = { 0 }, address = { 0 };
	char *line, *end, *category, *diagnosis, *written;
	size_t n = 0;

	(void)state;
	if (corpora == NULL)
		skip();
	path_of(&path, "isemail.tsv", "");
	assert_true(program_read_file(path.s, &file));
	add(&file, "", 1);
	for (line = file.s; (end = strchr(line, '\n')) != NULL;
	    line = end + 1) {
		*end = '\0';
		if (*line == '#')
			continue;
		assert_non_null(category = strchr(line, '\t'));
		*category++ = '\0';
		assert_non_null(diagnosis = strchr(category, '\t'));
		assert_non_null(written = strchr(diagnosis + 1, '\t'));
		if (strncmp(category, "ERR\t", 4) == 0)
			continue;
		unescape(&address, written + 1, (size_t)(end - written - 1));
		read_address(line, text_span(&address));
		n++;
	}
	assert_int_equal(n, 98);
	text_free(&path);
	text_free(&file);
	text_free(&address);
}

/* Whatever is made of a broken address: what is before its @ stays. */
static void
of_a_broken_address_at_most_the_domain_changes(void **state)
{
	const char *arguments[] = { "*  new.example", NULL };
	struct text path = { 0 }, file = { 0 }, address = { 0 };
	struct text input = { 0 };
	char *line, *end, *written, *at;
	struct result r;
	size_t n = 0, kept;

	(void)state;
	if (corpora == NULL)
		skip();
	path_of(&path, "isemail.tsv", "");
	assert_true(program_read_file(path.s, &file));
	add(&file, "", 1);
	for (line = file.s; (end = strchr(line, '\n')) != NULL;
	    line = end + 1) {
		*end = '\0';
		if (*line == '#' || strstr(line, "\tERR\t") == NULL)
			continue;
		assert_non_null(written = strrchr(line, '\t'));
		unescape(&address, written + 1, (size_t)(end - written - 1));
		if (address.len == 0 ||
		    (at = memchr(address.s, '@', address.len)) == NULL)
			continue;
		input.len = 0;
		add(&input, "From: a@b\r\nTo: ", 15);
		kept = input.len + (size_t)(at - address.s);
		add(&input, address.s, address.len);
		add(&input, "\r\n\r\n", 4);
		r = program_run(arguments, text_span(&input), WHOLE);
		assert_int_equal(r.status, 0);
		assert_true(r.output.len >= kept);
		assert_memory_equal(r.output.s, input.s, kept);
		program_free(&r);
		n++;
	}
	assert_true(n > 50);
	text_free(&path);
	text_free(&file);
	text_free(&address);
	text_free(&input);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_message_is_unchanged_when_no_rule_matches),
		cmocka_unit_test(
		    every_message_is_unchanged_when_addresses_go_to_themselves),
		cmocka_unit_test(every_message_is_unchanged_as_a_list),
		cmocka_unit_test(every_message_keeps_its_recipients_by_smtp),
		cmocka_unit_test(
		    every_valid_address_is_read_and_only_its_domain_changes),
		cmocka_unit_test(
		    of_a_broken_address_at_most_the_domain_changes),
	};

	(void)argc;
	program_find(argv[0]);
	corpora = getenv("CORPORA");
	if (corpora == NULL)
		print_message("CORPORA is not set: the tests over other "
		    "people's messages are skipped (see tests/README)\n");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
