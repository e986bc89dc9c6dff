#!/bin/bash
# debian.sh: makes a Debian 12 root with the programs that the long tests run, keeps it in the user's
# cache directory, and prints where it is. Needs root and debootstrap. The mirror is the one that this
# machine's apt uses, or $SKERRY_DEBIAN_MIRROR.
set -euo pipefail

suite=bookworm
packages=(
  busybox-static procps psmisc lsof iproute2 net-tools strace gdb git tar gzip bzip2 xz-utils file bsdutils bsdextrautils
  gcc g++ make cmake ninja-build
  python3 python3-venv libpython3.11-testsuite perl nodejs npm openjdk-17-jdk-headless golang-go cargo
  redis-server redis-tools nginx-light curl postgresql-15 postgresql-contrib sqlite3
  stress-ng tcl
)
sources=(lua5.4 zlib sqlite3)

die() {
  echo "debian.sh: $*" >&2
  exit 1
}

# The first archive that apt knows with this suite.
apt_mirror() {
  apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk -v suite="$suite" '$1 == suite { print $2; exit }'
}

# debootstrap makes the base; apt, which knows of virtual packages, adds the rest to it. No service starts.
make_root() {
  local root=$1
  debootstrap --variant=minbase "$suite" "$root" ${mirror:+"$mirror"}
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 0755 "$root/usr/sbin/policy-rc.d"
  unshare --mount --pid --fork --kill-child bash -euc '
    mount -t proc proc "$1/proc"
    export DEBIAN_FRONTEND=noninteractive
    chroot "$1" apt-get -qq update
    chroot "$1" apt-get -qq install -y --no-install-recommends "${@:2}"
    chroot "$1" apt-get clean
  ' install "$root" "${packages[@]}" </dev/null
  rm -rf "$root"/usr/sbin/policy-rc.d "$root"/var/lib/apt/lists/* "$root"/tmp/*
}

# Sources of real projects, unpacked below /usr/src.
add_sources() {
  local root=$1 apt=$1.apt name
  mkdir -p "$apt"/{lists/partial,cache/archives/partial,source}
  echo "deb-src ${mirror:?a mirror is needed for sources} $suite main" >"$apt/sources.list"
  local options=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=-
    -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache")
  apt-get -qq "${options[@]}" update
  (
    cd "$apt/source"
    for name in "${sources[@]}"; do
      apt-get -qq "${options[@]}" -o APT::Sandbox::User=root source "$name"
      mv "$(find . -mindepth 1 -maxdepth 1 -type d)" "$root/usr/src/$name"
    done
  )
  rm -rf "$apt"
}

[[ $(id -u) -eq 0 ]] || die "only root can make a root file system"
command -v debootstrap >/dev/null || die "debootstrap is missing: install Debian's package debootstrap"
mirror=${SKERRY_DEBIAN_MIRROR:-$(apt_mirror)}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/skerry/rootfs
kind=$(echo "$suite ${packages[*]} ${sources[*]}" | sha256sum | cut -c1-12)
root=$cache/debian-$suite-$kind
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [[ ! -e $root ]]; then
  # What a broken run has left.
  rm -rf "$cache"/debian-"$suite"-*.part "$cache"/debian-"$suite"-*.apt
  make_root "$root.part" >&2 9>&-
  add_sources "$root.part" >&2 9>&-
  mv "$root.part" "$root"
fi
echo "$root"
