# What Postfix does with addresses, as virtual(5), canonical(5), generic(5),
# transport(5) and aliases(5) tell it, with recipient_delimiter = + and
# propagate_unmatched_extensions for all of them.
#
# Reads what was answered (key, tab, value), which keys were asked for, and the
# addresses.  want=keys prints the keys that are still to be asked for,
# want=ends each address with every end that it comes to.

# Takes an address apart: local, user and ext, domain.  Of a quoted local part
# the extension stands within the quotes.
function take_apart(a,	at, plus, quote) {
	match(a, /@[^@]*$/)
	at = RSTART
	local = substr(a, 1, at - 1)
	domain = substr(a, at + 1)
	user = local
	ext = ""
	quote = local ~ /^"/ ? "\"" : ""
	plus = index(substr(local, 2), "+")
	if (plus > 0) {
		user = substr(local, 1, plus) quote
		ext = substr(local, plus + 1)
		sub(/"$/, "", ext)
	}
}

# The keys of an address, in the order in which they are looked up, in keys[];
# those of which strip[] is set are without the extension.
function add_key(key, without) {
	keys[++n_keys] = tolower(key)
	strip[n_keys] = without
}

function add_both(at) {
	add_key(local at, 0)
	if (ext != "")
		add_key(user at, 1)
}

function unquoted(s) {
	gsub(/"/, "", s)
	return s
}

function transport_keys(	d) {
	add_both("@" domain)
	add_key(domain, 0)
	for (d = domain; sub(/^[^.]*\./, "", d);)
		add_key("." d, 0)
	add_key("*", 0)
}

function make_keys(a) {
	n_keys = 0
	take_apart(a)
	if (format == "transport") {
		transport_keys()
		return
	}
	if (format == "aliases") {
		local = unquoted(local)
		user = unquoted(user)
	} else
		add_both("@" domain)
	if (tolower(domain) == "home.example")
		add_both("")
	if (format != "aliases")
		add_key("@" domain, 0)
}

# The value of the first key that there is one for.
function look_up(a,	i) {
	make_keys(a)
	for (i = 1; i <= n_keys; i++) {
		if (!(keys[i] in asked) && want == "keys") {
			print keys[i]
			asked[keys[i]] = 1
		}
	}
	for (i = 1; i <= n_keys; i++)
		if (keys[i] in answers) {
			if (!strip[i])
				ext = ""
			return answers[keys[i]]
		}
	return ""
}

function end(what) {
	if (want == "ends" && !((original, tolower(what)) in ended))
		print original "\t" tolower(what)
	ended[original, tolower(what)] = 1
}

# One result, with its domain and the extension that no key had.
function complete(t, a, ext) {
	if (t ~ /^@/) {
		match(a, /@[^@]*$/)
		return substr(a, 1, RSTART - 1) t
	}
	if (t !~ /@/)
		t = t "@home.example"
	match(t, /"?@[^@]*$/)
	return substr(t, 1, RSTART - 1) ext substr(t, RSTART)
}

function follow(a,	value, n, i, t, parts, left) {
	if ((original, a) in been)
		return
	been[original, a] = 1
	value = look_up(a)
	left = ext
	if (value == "") {
		end(a)
		return
	}
	if (value == "/dev/null") {
		end("discard")
		return
	}
	n = split(value, parts, /,[ \t]*/)
	for (i = 1; i <= n; i++) {
		t = complete(parts[i], a, left)
		if (format == "generic" || tolower(t) == tolower(a))
			end(t)
		else
			follow(t)
	}
}

function transport(a,	value, hop) {
	value = look_up(a)
	hop = value
	sub(/^[^:]*:/, "", hop)
	gsub(/[][]/, "", hop)
	if (value == "" || value ~ /^(smtp)?:$/)
		end("relay ")
	else if (value ~ /^local:/)
		end("inbound ")
	else if (value ~ /^discard:/)
		end("discard ")
	else if (value ~ /^error:/)
		end("reject ")
	else
		end("forward " hop)
}

BEGIN { FS = "\t" }
FILENAME == ARGV[1] { answers[$1] = $2; next }
FILENAME == ARGV[2] { asked[$0] = 1; next }
{
	original = $0
	if (format == "transport")
		transport($0)
	else
		follow($0)
}
