#!/usr/bin/env bash
# Opens the report of a run, and its heat maps of some sentences, in headless Chromium and fails where a page has anything
# to say on the console: its Content-Security-Policy makes whatever it would want from outside an error there. Leaves
# screen.png, phone.png, print.pdf and attention.png to look at. Without Chromium (apt-get install chromium) it says so
# and does nothing.
#
#   tests/report_in_browser.sh FOLDER                of a small run that it trains itself, in FOLDER
#   tests/report_in_browser.sh FOLDER RUN SOURCE     of another one, and the first lines of SOURCE
set -euo pipefail

folder=${1:?"report_in_browser.sh: name a folder for the pictures"}
mkdir -p "$folder"
folder=$(realpath "$folder")
run=${2:+$(realpath "$2")}
source=${3:+$(realpath "$3")}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dragoman=build/dev/dragoman

fail() {
  echo "report_in_browser.sh: $1" >&2
  exit 1
}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
  echo "report_in_browser.sh: skipped, for there is no Chromium (apt-get install chromium)"
  exit 0
}

if [ -z "$run" ]; then
  run=$folder/run
  "$dragoman" phrasebook --pairs 2000 --out "$folder/text"
  settings=(
    --set "run=$run" --set training.max_steps=60 --set logging.every_steps=5 --set validation.every_steps=20
    --set "corpus.train={source: $folder/text/train.en, target: $folder/text/train.de}"
    --set "corpus.valid={source: $folder/text/valid.en, target: $folder/text/valid.de}"
    --set "corpus.test={source: $folder/text/test.en, target: $folder/text/test.de}"
  )
  "$dragoman" prepare configs/quickstart.yaml "${settings[@]}"
  "$dragoman" train configs/quickstart.yaml "${settings[@]}" --profile
  source=$folder/text/test.en
fi
[ -n "$source" ] || fail "name a file of source sentences behind the run"
"$dragoman" report "$run" --out "$folder/report.html"
head -n 5 "$source" | "$dragoman" translate "$run" --attention "$folder/attention.html" >/dev/null

# look NAME PAGE ARGUMENTS...: what the browser says goes to NAME.log.
look() {
  local log=$folder/$1.log page=$folder/$2
  shift 2
  "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --enable-logging=stderr \
    --user-data-dir="$folder/profile" "$@" "file://$page" >"$log" 2>&1 || fail "$browser failed: see $log"
  if grep CONSOLE "$log"; then fail "the page has something to say on the console, as above"; fi
}
look screen report.html --window-size=1200,3000 --screenshot="$folder/screen.png"
look phone report.html --window-size=500,1500 --screenshot="$folder/phone.png"
look print report.html --no-pdf-header-footer --print-to-pdf="$folder/print.pdf"
look attention attention.html --window-size=1200,1500 --screenshot="$folder/attention.png"
for file in screen.png phone.png print.pdf attention.png; do
  [ -s "$folder/$file" ] || fail "$browser left no $file"
done
echo "report_in_browser.sh: nothing on the console; look at $folder/screen.png, phone.png, print.pdf and attention.png"
