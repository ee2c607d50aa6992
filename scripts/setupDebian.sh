#!/usr/bin/env bash
# What the tests need of a Debian machine: Chromium, and a Mesa whose Vulkan in software (lavapipe) computes in f16. Run as root; does nothing where
# both are there. Debian 12's own Mesa is too old, so there it comes from backports, of the servers that the machine's own sources name.
set -euo pipefail

LEAST_MESA=24

install() {
  DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y -qq --no-install-recommends "$@"
}
has_mesa() {
  compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' >/dev/null &&
    dpkg --compare-versions "$(dpkg-query -W -f '${Version}' mesa-vulkan-drivers)" ge "$LEAST_MESA"
}
# The stanza or the line that names the release itself, with the backports in the release's place.
backports() {
  local folder=/etc/apt release=$1
  if [ -e "$folder/sources.list.d/debian.sources" ]; then
    awk -v RS= -v ORS='\n\n' "/\nSuites:([^\n]* )? *$release( |\n)/" "$folder/sources.list.d/debian.sources" |
      sed "s/^Suites:.*/Suites: $release-backports/" >"$folder/sources.list.d/$release-backports.sources"
  else
    sed -n "s/^\(deb .*\) $release main.*/\1 $release-backports main/p" "$folder/sources.list" \
      >"$folder/sources.list.d/$release-backports.list"
  fi
}

if command -v chromium >/dev/null && has_mesa; then exit; fi
apt-get update -qq
command -v chromium >/dev/null || install chromium fonts-dejavu-core
if ! has_mesa; then
  candidate=$(LC_ALL=C apt-cache policy mesa-vulkan-drivers | sed -n 's/^  Candidate: \([0-9].*\)/\1/p')
  if dpkg --compare-versions "$candidate" ge "$LEAST_MESA"; then
    install mesa-vulkan-drivers
  else
    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    backports "$release"
    apt-get update -qq
    install -t "$release-backports" mesa-vulkan-drivers
  fi
fi
has_mesa || {
  echo "The GPU tests need the package mesa-vulkan-drivers in version $LEAST_MESA or newer, and apt-get offers none." >&2
  exit 1
}
