#!/usr/bin/env bash
# Makes the clips and index.tsv of sotto-simulator from simulator-clips.tsv, with the engine, the settings and the
# treatment of generate.sh. Needs: sox, unzip (Debian), a JDK 17 or newer and Maven. See README.md.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")"
here=$PWD
build=${BUILD_DIR:-$here/target/simulator}
clips=$here/../sotto-simulator/src/main/resources/dev/sotto/simulator/voice
rm -rf "$build"
mkdir -p "$build"/{classes,log,raw,band,level} "$clips"

mvn -q -B -f mary/pom.xml dependency:copy-dependencies -DoutputDirectory="$build/lib"
over=$build/over
mkdir -p "$over/marytts/config" "$over/marytts/language/en"
unzip -p "$build/lib/marytts-runtime-5.2.1.jar" marytts/config/marybase.config |
  sed '/marytts.modules.JTokeniser/d' >"$over/marytts/config/marybase.config"
unzip -p "$build/lib/marytts-lang-en-5.2.1.jar" marytts/language/en/en.config |
  sed '/marytts.language.en.JTokeniser/d' >"$over/marytts/language/en/en.config"
javac -cp "$build/lib/*" -d "$build/classes" mary/*.java

awk -F'\t' -v OFS='\t' '{ print $1, "full", 1.1, $2 }' simulator-clips.tsv >"$build/table.tsv"
(cd "$build" && java -cp "over:classes:lib/*" Speak table.tsv "$here/mary/pronounce.tsv" raw >speak.log 2>&1)

for wav in "$build"/raw/*.wav; do
  sox -D "$wav" -b 16 "$build/band/${wav##*/}" gain -12 highpass 110 highpass 110 \
    treble +6 2500 compand 0.004,0.04 -90,-95,-65,-62,-50,-40,-35,-28,-13,-13 0 -90 0.004 \
    rate -v 8000
done
java -cp "$build/classes" Finish "$build/band" "$build/level"

rm -f "$clips"/*.ulaw
printf 'name\ttext\tmilliseconds\tsha256\n' >"$clips/index.tsv"
while IFS=$'\t' read -r name text; do
  out=$clips/$name.ulaw
  sox -D -t raw -r 8000 -c 1 -b 16 -e signed-integer "$build/level/$name.s16" -t ul -r 8000 -c 1 "$out"
  printf '%s\t%s\t%s\t%s\n' "$name" "$text" $(($(stat -c %s "$out") / 8)) \
    "$(sha256sum "$out" | cut -d' ' -f1)" >>"$clips/index.tsv"
done <simulator-clips.tsv
cp VOICE-LICENSE "$clips/VOICE-LICENSE"
echo "clips: $(ls "$clips"/*.ulaw | wc -l), bytes: $(cat "$clips"/*.ulaw | wc -c)"
