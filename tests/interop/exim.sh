# What the tests with Exim share.  They set $top, and $scratch, a folder where
# Exim has all that is its own: its queue and log in spool, what it delivered in
# spool/box.

# Exim does nothing without the user that it was built for, though it is to run
# as another one: a library shows it one that there is not.
pretend_user() {
	id Debian-exim > /dev/null 2>&1 && return
	gid=$(id -g "$user")
	{
		cat /etc/passwd
		echo "Debian-exim:x:$(id -u "$user"):$gid::/:/bin/sh"
	} > "$scratch/passwd"
	{
		cat /etc/group
		echo "Debian-exim:x:$gid:"
	} > "$scratch/group"
	preload=libnss_wrapper.so
}

# Looks for Exim, and makes a command exim of it that reads the configuration
# $scratch/conf.  Exim runs as $user; as root it would deliver nothing.
find_exim() {
	user=$(id -un) group=$(id -gn)
	if test "$user" = root; then
		user=bin group=bin
		chmod 711 "$scratch"
	fi
	PATH=$PATH:/usr/sbin
	exim=$(command -v exim4 || command -v exim) || exim=
	preload=
	mkdir "$scratch/bin"
	if test -n "${INTEROP:-}" && test -x "$INTEROP/usr/sbin/exim4"; then
		# A copy is not setuid, so that it minds LD_LIBRARY_PATH.
		exim=$scratch/bin/exim4
		cp "$INTEROP/usr/sbin/exim4" "$exim"
		pretend_user
		. ./libraries.sh
		LD_LIBRARY_PATH=$(library_path "$INTEROP")
		export LD_LIBRARY_PATH
	elif test -z "$exim"; then
		echo "# exim is not installed; INTEROP=FOLDER says where it is"
		exit 77
	fi
	cp "$top/rewrite" "$scratch/bin/rewrite"
	cat > "$scratch/bin/exim" <<-END
	#!/bin/sh
	test -z "$preload" || export LD_PRELOAD="$preload" \
	    NSS_WRAPPER_PASSWD="$scratch/passwd" \
	    NSS_WRAPPER_GROUP="$scratch/group"
	exec "$exim" -C "$scratch/conf" -odi "\$@"
	END
	chmod 755 "$scratch/bin/exim" "$scratch/bin/rewrite"
	PATH=$scratch/bin:$PATH
}

new_spool() {
	rm -rf "$scratch/spool"
	mkdir "$scratch/spool"
	test "$(id -un)" = "$user" || chown "$user:$group" "$scratch/spool"
}

# A configuration by which all mail goes to one file, each copy of it behind a
# line that says from whom and to whom, and nothing is added.  Exim does it all
# as one user, so that it need not trust the configuration.  On standard input
# are more options of the transport; the rules of the file $1 rewrite addresses.
eximconf() {
	cat <<-END
	exim_user = $user
	exim_group = $group
	deliver_drop_privilege
	spool_directory = $scratch/spool
	log_file_path = $scratch/spool/%slog
	primary_hostname = exim.example
	tls_advertise_hosts =
	keep_environment =
	add_environment = PATH=$scratch/bin:/usr/bin:/bin
	received_header_text =
	acl_not_smtp = accept
	begin routers
	all:
	  driver = accept
	  transport = box
	  caseful_local_part
	begin transports
	box:
	  driver = appendfile
	  file = $scratch/spool/box
	  message_prefix = "== \${if eq{\$return_path}{}{<>}{\$return_path}} \\
	      to \${quote_local_part:\$local_part}@\$domain\n"
	  message_suffix =
	  check_string =
	END
	cat
	cat <<-END
	begin retry
	* * F,1h,5m
	begin rewrite
	END
	cat "${1:-/dev/null}"
}

# Says what is wrong, and what Exim says of it.
trouble() {
	echo "# $1; Exim says:"
	sed 's/^/# /' "$scratch/spool/mainlog"
	exit 1
}
