#!/usr/bin/env bash
# Makes the clips and index.tsv of sotto-agent from clips.tsv, and the caller samples in ../samples.
# Needs: sox, flite, pocketsphinx-testdata, unzip (Debian), a JDK 17 or newer and Maven. See README.md.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")"
here=$PWD
build=${BUILD_DIR:-$here/target}
clips=$here/../sotto-agent/src/main/resources/dev/sotto/agent/voice
samples=$here/../samples
rm -rf "$build"
mkdir -p "$build"/{classes,log,raw,band,level} "$clips" "$samples"

# The speech engine and the voice, from Maven Central.
mvn -q -B -f mary/pom.xml dependency:copy-dependencies -DoutputDirectory="$build/lib"
# The engine's settings without its default tokeniser, which is not on Maven Central.
over=$build/over
mkdir -p "$over/marytts/config" "$over/marytts/language/en"
unzip -p "$build/lib/marytts-runtime-5.2.1.jar" marytts/config/marybase.config |
  sed '/marytts.modules.JTokeniser/d' >"$over/marytts/config/marybase.config"
unzip -p "$build/lib/marytts-lang-en-5.2.1.jar" marytts/language/en/en.config |
  sed '/marytts.language.en.JTokeniser/d' >"$over/marytts/language/en/en.config"
javac -cp "$build/lib/*" -d "$build/classes" mary/*.java

# name, style, duration scale, text
awk -F'\t' -v OFS='\t' '
  $1 ~ /^tone\./ { next }
  $1 ~ /^(number|ordinal|weekday|month)\./ { print $1, "list", 0.92, $2; next }
  $1 ~ /^word\.(am|pm|oclock)$/ { print $1, "last", 0.95, $2; next }
  $1 == "word.oh" { print $1, "cut", 0.92, $2; next }
  $1 ~ /^word\./ || $1 == "offer.press" { print $1, "list", 0.92, $2; next }
  $1 == "appointment.next" || $1 == "book.done" || $1 == "offer.for" { print $1, "open", 0.92, $2; next }
  { print $1, "full", 1.1, $2 }
' clips.tsv >"$build/table.tsv"
(cd "$build" && java -cp "over:classes:lib/*" Speak table.tsv "$here/mary/pronounce.tsv" raw >speak.log 2>&1)

# Telephone band: no rumble, more treble (the voice is dull), weak consonants lifted, then the
# low-pass and 8 kHz.
for wav in "$build"/raw/*.wav; do
  sox -D "$wav" -b 16 "$build/band/${wav##*/}" gain -12 highpass 110 highpass 110 \
    treble +6 2500 compand 0.004,0.04 -90,-95,-65,-62,-50,-40,-35,-28,-13,-13 0 -90 0.004 \
    rate -v 8000
done
java -cp "$build/classes" Finish "$build/band" "$build/level"
sox -D -n -r 8000 -c 1 -b 16 -e signed-integer -t raw "$build/level/tone.beep.s16" \
  synth 0.4 sine 1000 gain -12 fade t 0.005 0.4 0.005

rm -f "$clips"/*.ulaw
printf 'name\ttext\tmilliseconds\tsha256\n' >"$clips/index.tsv"
while IFS=$'\t' read -r name text; do
  out=$clips/$name.ulaw
  sox -D -t raw -r 8000 -c 1 -b 16 -e signed-integer "$build/level/$name.s16" -t ul -r 8000 -c 1 "$out"
  printf '%s\t%s\t%s\t%s\n' "$name" "$text" $(($(stat -c %s "$out") / 8)) \
    "$(sha256sum "$out" | cut -d' ' -f1)" >>"$clips/index.tsv"
done <clips.tsv

# Caller samples: see samples/README.md.
# "speed" raises pitch and formants together, so the woman's voice of flite becomes another person.
flite -voice slt --setf duration_stretch=1.21 -o "$build/maria.wav" \
  -t 'Hi, this is Maria. I would like to know when my next appointment is, please. I can type in my date of birth.'
sox -D "$build/maria.wav" -b 16 "$samples"/appointment.wav gain -6 speed 1.15 highpass 110 rate -v 8000 gain -n -3
# A conversation: each stretch between long pauses is one thing the caller says.
number=0
for words in 'Hi. I would like to know when my next appointment is, please.' \
  'My name is Maren Oakfield, and my date of birth is May twelfth, nineteen eighty four.' \
  'That is all. Thank you, goodbye.'; do
  number=$((number + 1))
  flite -voice slt --setf duration_stretch=1.15 -o "$build/said.wav" -t "$words"
  sox -D "$build/said.wav" -b 16 "$build/said-$number.wav" \
    gain -6 speed 1.15 highpass 110 rate -v 8000 gain -n -3 pad 0 1.6
done
sox -D "$build"/said-[123].wav "$samples"/conversation.wav
flite -voice rms -o "$build/message.wav" \
  -t 'Hello, please call me back about my prescription refill. Thank you.'
sox -D "$build/message.wav" -b 16 -r 16000 "$samples"/message.wav gain -6 highpass 80 gain -n -3
sox -D /usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0870.wav \
  -b 16 -c 1 "$samples"/human.wav gain -6 highpass 80 rate -v 8000 gain -n -3
echo "clips: $(ls "$clips"/*.ulaw | wc -l), bytes: $(cat "$clips"/*.ulaw | wc -c)"
