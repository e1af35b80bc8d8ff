# A whole Postfix of its own on loopback, for the tests that read this file.
# It is the one that fetch unpacked into INTEROP: nothing is installed, and no
# file is written but in $scratch.
#
# begin_postfix makes $scratch and what stands in it, with $etc for the
# configuration; add_main and add_master add to that what they read;
# start_postfix starts it, and the end of the test stops it.

folder=${INTEROP:-}
if test -z "$folder" || ! test -x "$folder/usr/lib/postfix/sbin/master"; then
	echo "# no Postfix in INTEROP=$folder; interop/fetch puts it there"
	exit 77
elif test "$(id -u)" -ne 0; then
	echo "# Postfix is started by root alone"
	exit 77
fi

# Prints so many TCP ports that are free.
free_ports() {
	perl -MSocket -e '
		for (1 .. shift) {
			socket($s[$_], PF_INET, SOCK_STREAM, 0) or die;
			bind($s[$_], sockaddr_in(0, INADDR_LOOPBACK)) or die;
			print((sockaddr_in(getsockname($s[$_])))[0], "\n");
		}' "$1"
}

# Waits until a command succeeds, for 30 seconds at most.
wait_until() {
	tries=300
	until "$@"; do
		tries=$((tries - 1))
		if test "$tries" -eq 0; then
			echo "# waited in vain: $*"
			return 1
		fi
		sleep 0.1
	done
}

# What runs without privileges, such as a filter, has to get at the programs,
# so they are copied.
begin_postfix() {
	scratch=$(mktemp -d) started=
	trap end_postfix EXIT
	trap 'exit 1' HUP INT TERM
	chmod 755 "$scratch"
	etc=$scratch/etc queue=$scratch/queue log=$scratch/log
	mkdir "$etc" "$queue" "$scratch/bin" "$scratch/data" "$scratch/mail"
	cp -R "$folder/usr" "$scratch/usr"
	cp ../../rewrite "$scratch/bin/rewrite"
	chown bin "$scratch/data"
	chown daemon "$scratch/mail"
	make_queue
	. ./libraries.sh
	LD_LIBRARY_PATH=$(library_path "$scratch")
	PATH=$scratch/bin:$scratch/usr/sbin:$PATH
	MAIL_CONFIG=$etc
	export LD_LIBRARY_PATH PATH MAIL_CONFIG
	configure
}

# Anybody may leave mail: postdrop is not set-group-ID here, as it would not
# find its libraries then.
make_queue() {
	for name in active bounce corrupt defer deferred flush hold incoming \
	    maildrop private public saved trace; do
		mkdir "$queue/$name"
		chown bin "$queue/$name"
	done
	mkdir "$queue/pid"
	chmod 1733 "$queue/maildrop"
}

# bin and daemon are users wherever Debian is.  Addresses that mailbox names
# have a mailbox of that name in $scratch/mail.
configure() {
	smtp_port=$(free_ports 1)
	: > "$scratch/mailboxes"
	: > "$etc/dynamicmaps.cf"
	cat > "$etc/main.cf" <<-END
	compatibility_level = 3.6
	myhostname = home.example
	inet_interfaces = loopback-only
	inet_protocols = ipv4
	queue_directory = $queue
	data_directory = $scratch/data
	command_directory = $scratch/usr/sbin
	daemon_directory = $scratch/usr/lib/postfix/sbin
	shlib_directory = $scratch/usr/lib/postfix
	meta_directory = $etc
	mail_owner = bin
	setgid_group = daemon
	maillog_file = $log
	maillog_file_prefixes = $scratch
	import_environment = MAIL_CONFIG LD_LIBRARY_PATH
	export_environment = MAIL_CONFIG LD_LIBRARY_PATH
	smtp_dns_support_level = disabled
	alias_maps =
	virtual_mailbox_base = $scratch/mail
	virtual_mailbox_maps = texthash:$scratch/mailboxes
	virtual_minimum_uid = 1
	virtual_uid_maps = static:$(id -u daemon)
	virtual_gid_maps = static:$(id -g daemon)
	END
	cat > "$etc/master.cf" <<-END
	smtp inet n - n - - smtpd
	pickup unix n - n 1 1 pickup
	cleanup unix n - n - 0 cleanup
	qmgr unix n - n 300 1 qmgr
	rewrite unix - - n - - trivial-rewrite
	bounce unix - - n - 0 bounce
	defer unix - - n - 0 bounce
	trace unix - - n - 0 bounce
	flush unix n - n 1000? 0 flush
	proxymap unix - - n - - proxymap
	smtp unix - - n - - smtp
	relay unix - - n - - smtp
	lmtp unix - - n - - lmtp
	showq unix n - n - - showq
	error unix - - n - - error
	retry unix - - n - - error
	discard unix - - n - - discard
	virtual unix - n n - - virtual
	scache unix - - n - 1 scache
	anvil unix - - n - 1 anvil
	postlog unix-dgram n - n - 1 postlogd
	END
}

# Of two values or services of one name Postfix takes the one that stands last.
add_main() {
	cat >> "$etc/main.cf"
}

add_master() {
	cat >> "$etc/master.cf"
}

mailbox() {
	printf '%s %s\n' "$1" "$1" >> "$scratch/mailboxes"
}

# usage: start_sink NAME ADDRESS [OPTION]
# A server of SMTP, or of LMTP with -L, that keeps each message that it gets in
# a file in $scratch/NAME.d, with its envelope.
start_sink() {
	mkdir "$scratch/$1.d"
	chown daemon "$scratch/$1.d"
	smtp-sink ${3:+"$3"} -u daemon -d "$scratch/$1.d/mail." "$2" 100 &
	started="$started $!"
}

# Nothing is on a port that is fixed.
start_postfix() {
	sed "s/^smtp  *inet/127.0.0.1:$smtp_port inet/" "$etc/master.cf" \
	    > "$scratch/master.cf"
	cp "$scratch/master.cf" "$etc/master.cf"
	"$scratch/usr/lib/postfix/sbin/master" -c "$etc" &
	master=$!
	started="$started $master"
	wait_until greets "$smtp_port"
}

greets() {
	perl -MSocket -e '
		socket(S, PF_INET, SOCK_STREAM, 0) or die;
		connect(S, sockaddr_in(shift, INADDR_LOOPBACK)) or exit 1;
		exit(<S> !~ /^220/)' "$1"
}

# usage: send SENDER RECIPIENT ... < message
# by SMTP.
send() {
	cat > "$scratch/message"
	from=$1
	shift
	for to; do
		smtp-source -f "$from" -t "$to" -F "$scratch/message" \
		    "127.0.0.1:$smtp_port"
	done
}

# The queue files in some of the queues.
queued() {
	(cd "$queue" && find "$@" -type f 2> /dev/null) || true
}

# What a queue file is made of may be on its way into a queue that has been
# looked into already, but not twice.
nothing_moves() {
	test -z "$(queued maildrop incoming active)" &&
	    sleep 0.1 &&
	    test -z "$(queued maildrop incoming active)"
}

stop_started() {
	for pid in $started; do
		kill "$pid" || true
		wait "$pid" 2> /dev/null || true
	done
	started=
}

end_postfix() {
	status=$?
	trap - EXIT
	trap '' HUP INT TERM
	stop_started
	test "$status" -eq 0 || tail -n 50 "$log" | sed 's/^/# /'
	rm -rf "$scratch"
	exit "$status"
}
