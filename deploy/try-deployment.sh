#!/bin/sh
# Run the commands of docs/deployment.md, as they stand there, in a new Debian 12 below a folder, until the site answers
# through nginx, and then the RUN lines of deploy/Dockerfile. Needs root, debootstrap and a Debian mirror. It is not
# part of `make test`, because it installs several hundred megabytes.
#
# The new Debian gets the configuration of apt and pip of this machine. TRY_BIND lists further folders that these name.
# A chroot has no systemd and no public name, so small programs stand in for systemctl, systemd-run, certbot and editor.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
root=${1:-$(mktemp -d /tmp/try-deployment.XXXXXX)}
name=letters.example
mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -1)

clean_up() {
  [ ! -f "$root/run/commentsite.pid" ] || kill "$(cat "$root/run/commentsite.pid")" 2>/dev/null || true
  [ ! -f "$root/run/nginx.pid" ] || kill "$(cat "$root/run/nginx.pid")" 2>/dev/null || true
  sleep 2
  for folder in $(awk '{print $2}' /proc/mounts | grep "^$root/" | sort -r); do umount -l "$folder"; done
}
trap clean_up EXIT

inside() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

echo "== A new Debian below $root"
[ -x "$root/bin/sh" ] || debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 || { tail "$root.log"; exit 1; }
for path in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources /etc/apt/auth.conf.d /etc/apt/keyrings /etc/apt/trusted.gpg.d \
  /etc/apt/apt.conf.d/99artifact-registry /etc/pip.conf /etc/xdg/pip /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do
  [ ! -e "$path" ] || { mkdir -p "$root$(dirname "$path")" && cp -rL --remove-destination "$path" "$root$(dirname "$path")/"; }
done
[ ! -f "$root/etc/apt/sources.list.d/debian.sources" ] || rm -f "$root/etc/apt/sources.list"
rm -rf "$root/srv/repository"
mkdir -p "$root/srv"
git clone -q --bare "$here" "$root/srv/repository"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for folder in ${TRY_BIND:-}; do mkdir -p "$root$folder" && mount --bind -o ro "$folder" "$root$folder"; done
env | grep '^PIP_' | sed 's/^/export /; s/=\(.*\)/="\1"/' >"$root/etc/pip.environment" || true

printf '[safe]\n\tdirectory = *\n' >"$root/etc/gitconfig"
rm -rf "$root/opt/commentsite" "$root/var/lib/commentsite"

# --- the programs that a chroot lacks -------------------------------------------------------------------------------
cat >"$root/usr/local/bin/systemctl" <<'END'
#!/bin/sh
# Start the program of a unit as its user, with its environment. Only what docs/deployment.md asks for.
case "$*" in
  daemon-reload | "reload nginx") exit 0 ;;
  "stop nginx") [ ! -f /run/nginx.pid ] || kill "$(cat /run/nginx.pid)"; exit 0 ;;
  "start nginx" | "restart nginx") [ ! -f /run/nginx.pid ] || { kill "$(cat /run/nginx.pid)"; sleep 1; }; exec nginx ;;
  "enable --now commentsite commentsite-backup.timer" | "restart commentsite" | "start commentsite") ;;
  "stop commentsite") ;;
  *) echo "systemctl $*: not known here" >&2; exit 1 ;;
esac
[ ! -f /run/commentsite.pid ] || { kill "$(cat /run/commentsite.pid)" 2>/dev/null; sleep 3; rm -f /run/commentsite.pid; }
[ "$1" != stop ] || exit 0
unit=/etc/systemd/system/commentsite.service
set -a; . /etc/commentsite.env; set +a
program=$(sed -n 's/^ExecStart=//p' $unit | sed "s/\$RUN_OPTIONS/$RUN_OPTIONS/")
cd /opt/commentsite
umask 077
runuser -u commentsite -- $program >/var/log/commentsite.log 2>&1 &
echo $! >/run/commentsite.pid
for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  sleep 1
  /opt/commentsite/.venv/bin/python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz')" 2>/dev/null && exit 0
done
cat /var/log/commentsite.log >&2
exit 1
END
cat >"$root/usr/local/bin/systemd-run" <<'END'
#!/bin/sh
# Run a command as the user and with the environment that the options name.
while [ "${1#--}" != "$1" ]; do
  case "$1" in
    --uid=*) user=${1#--uid=} ;;
    --property=EnvironmentFile=*) file=${1#--property=EnvironmentFile=} ;;
    --working-directory=*) cd "${1#--working-directory=}" ;;
  esac
  shift
done
set -a; . "$file"; set +a
exec runuser -u "$user" -- "$@"
END
cat >"$root/usr/local/bin/certbot" <<END
#!/bin/sh
# Make a certificate by itself instead of asking for one: no name points here.
install -d /etc/letsencrypt/live/$name
exec openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=$name -keyout /etc/letsencrypt/live/$name/privkey.pem -out /etc/letsencrypt/live/$name/fullchain.pem 2>/dev/null
END
cat >"$root/usr/local/bin/editor" <<'END'
#!/bin/sh
# Do what the operator does in the file of settings: messages go to files instead of a mail server.
exec sed -i 's/^COMMENTSITE_MAIL_URL=.*/#&/' "$1"
END
chmod 755 "$root"/usr/local/bin/systemctl "$root"/usr/local/bin/systemd-run "$root"/usr/local/bin/certbot "$root"/usr/local/bin/editor

# --- the document ---------------------------------------------------------------------------------------------------
# Each block of commands is one script. Placeholders of the document get values.
blocks() {
  awk -v section="$1" '/^## /{on = ($0 ~ "^## " section "\\.")} /^```sh$/{if (on) {inside = 1; next}} /^```$/{inside = 0} inside' "$here/docs/deployment.md" |
    sed -e "s|<address of this repository>|file:///srv/repository|" -e "s|YOUR.NAME|$name|g" -e "s|apt-get install -y|apt-get install -y -qq|" \
      -e 's/^commentsite doctor$/commentsite doctor || [ $? = 1 ] # it names the missing mail server/'
}
echo "== 1. Install"
{
  echo 'set -eux; . /etc/pip.environment'
  blocks 1
} >"$root/root/install.sh"
inside sh /root/install.sh

echo "== The site answers through nginx"
inside sh -eu -c "
  python3 - <<'END'
import ssl, urllib.request
context = ssl.create_default_context(cafile='/etc/letsencrypt/live/$name/fullchain.pem')
context.check_hostname = False
for path in ('/', '/letters/', '/rules', '/account/login', '/feed.json'):
    asked = urllib.request.Request('https://127.0.0.1' + path, headers={'Host': '$name'})
    with urllib.request.urlopen(asked, context=context, timeout=20) as answer:
        assert answer.status == 200, (path, answer.status)
        text = answer.read().decode()
    assert '127.0.0.1:8000' not in text, path
    print(path, answer.status, len(text))
END
  commentsite staff list
  commentsite doctor || true
  ls -ld /var/lib/commentsite /var/lib/commentsite/commentsite.db"

echo "== 3. Backup and rehearsal of a restore"
inside sh -eux -c ". /etc/pip.environment
  commentsite backup /var/backups/commentsite --keep 14
  cd /opt/commentsite
  $(blocks 3 | sed 's|commentsite-….tar.gz|/var/backups/commentsite/commentsite-*.tar.gz|; s| *#.*||')"

if [ -z "${TRY_SKIP_POSTGRES:-}" ]; then
  echo "== 4. PostgreSQL and Redis"
  {
    echo 'set -eux'
    blocks 4 | sed 's|^apt-get install.*|& ; service postgresql start ; service redis-server start ; sleep 3|'
    cat <<'END'
commentsite backup /var/backups/commentsite/move.tar.gz
systemctl stop commentsite
sed -i 's/^#\(COMMENTSITE_DATABASE_URL\|COMMENTSITE_REDIS_URL\)/\1/' /etc/commentsite.env
commentsite restore /var/backups/commentsite/move.tar.gz
systemctl start commentsite
commentsite verify
systemctl stop commentsite
service postgresql stop ; service redis-server stop
END
  } >"$root/root/scale.sh"
  inside sh /root/scale.sh
fi

echo "== The container image: the RUN lines of deploy/Dockerfile"
# The image has a newer Python of its own; here the commands run with Debian's, in a virtual environment.
{
  echo 'set -eux; . /etc/pip.environment; export PATH=/opt/image/bin:$PATH'
  echo 'python3 -m venv /opt/image; rm -rf /srv/image; mkdir -p /srv/image; cd /srv/image'
  awk '/^RUN /{on = 1; sub(/^RUN /, "")} on {print; if ($0 !~ /\\$/) on = 0; next} /^COPY /{print "git --git-dir /srv/repository archive HEAD " ($2 == "." ? "" : $2) " | tar x"}' "$here/deploy/Dockerfile"
  echo 'commentsite --help >/dev/null; COMMENTSITE_INSTANCE=/tmp/image-instance commentsite db upgrade'
} >"$root/root/image.sh"
inside sh /root/image.sh
echo "== Everything answered."
