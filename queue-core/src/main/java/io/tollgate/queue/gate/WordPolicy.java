package io.tollgate.queue.gate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The default policy: it looks at words, and not at pixels. It refuses texts that ask for sexual content, above all
 * with minors, for undressing people, for putting real people where they never were or into their mouths what they
 * never said, and for degrading them. Safe for use by many threads; takes time in proportion to the text.
 *
 * <p>It knows English, and the plainest words of Spanish, French, German, Portuguese, Italian, Russian, Chinese,
 * Japanese and Korean. It stops the plain request and the usual ways to disguise it, not a determined writer, and it
 * can't see what is in a picture: operators who take pictures of strangers plug in more.
 *
 * <p>In a field whose name has {@code negative} in it, people list what they don't want to see. There, words for what
 * is refused elsewhere are fine, and words for clothes are refused.
 */
public final class WordPolicy implements ContentPolicy {
    /** The longest text that is reviewed, in code points; a longer one is refused unread. */
    public static final int MAX_LENGTH = 10_000;

    private static final int ADULT = 18;

    private static final Map<String, String> LISTS = Map.of(
            "fill",
                    "a|an|all|of|off|the|her|his|their|my|your|this|that|these|those|any|every|some|s|him|them|woman|"
                            + "women|womans|man|men|girl|girls|girlfriend|boy|boys|lady|person|people|model|actress|"
                            + "la|las|el|los|su|sus|le|les|ses|sa|son|ihre|ihr|seine|die|der|das|a|o|as|suas|i|suoi|gli",
            "garment",
                    "clothes|clothing|garment*|outfit*|dress|dresses|shirt|shirts|blouse*|bra|bras|panties|"
                            + "underwear|pants|trousers|jeans|skirt|skirts|bikini*|swimsuit*|lingerie|leggings",
            "part",
                    "logo|logos|stain*|wrinkle*|print|text|button*|tag|tags|label*|pattern|patterns|rack|hanger*|"
                            + "crease*|shop|store|line",
            "person",
                    "her|him|them|she|he|someone|somebody|woman|women|man|men|girl*|boy|boys|boyfriend*|lady|ladies|"
                            + "person|people|ex|wife|husband|classmate*|coworker*|colleague*|boss|teacher*|neighbor*|"
                            + "politician*|celebrit*|actor*|actress*|singer*|president",
            "bare", "nude|nudes|naked|topless",
            "speak",
                    "said|says|saying|say|confess*|admit*|endors*|announc*|threaten*|committed|commits|accepting|"
                            + "resign*|surrender*");

    /** What looks like a hit and is none. These words are then not looked at again. */
    private static final Phrases EXCUSES = phrases(
            "naked eye|eyes|truth|mole|cake|cakes|bike|bikes|tree|trees|branch|branches|flame|singularity|lunch",
            "nude|nudes palette|palettes|tone|tones|toned|shade|shades|lipstick|lipsticks|heels|pumps|makeup|nail|"
                    + "nails|eyeshadow|mouse|mice",
            "nude color|colors|colour|colours|colored|coloured palette|palettes|scheme|tones|swatch*|lipstick|heels|"
                    + "shoes|makeup|nails|eyeshadow|fabric",
            "no|without|avoid nudity|nsfw|porn|pornography",
            "same|opposite|safe|single|biological|uni sex",
            "sex education|ratio|ratios|chromosome*|pistols|hormone*",
            "sex and the city",
            "great|blue|coal|marsh|willow|crested|bearded|tailed tits",
            "голые деревья|ветки|ветви|скалы|стены|поля",
            "wire|paint|cable|varnish stripper|strippers",
            "голая земля|степь|скала|стена|ветка|правда");

    private static final Phrases SEXUAL = phrases(
            "@bare",
            "nudity|nudism|nudist|nudists|porn|porno|porns|pornhub|pornograph*|pornograf*|pornstar*|nsfw|hentai|"
                    + "ecchi|ahegao|rule34|erotic*|erotik*|erotism*|orgasm*|orgy|orgies|masturbat*|blowjob*|"
                    + "striptease*|stripper*|fetish*|bdsm|genital*|genitalia|boob|boobs|tits|nipple*|penis|"
                    + "vagina|vaginal|milf|camgirl*|sexting",
            "sex",
            "sexual act|acts|intercourse|pose|poses|position|positions|content|scene|scenes|fantasy|favors",
            "sexually explicit|suggestive|arous*",
            "sexy|seductive|slutty|lewd|horny ~ @person",
            "sexy|seductive|lewd pose|poses|posing|lingerie|underwear|body|photo|photos|picture|pictures",
            "bare|exposed|uncovered|huge|big|large ~ breasts|buttocks",
            "x|xxx rated video|videos|movie|picture|pictures|content|image|images|scene",
            "xxx video|videos|movie|picture|pictures|image|images",
            "desnuda|desnudas|desnudo|desnudos|desnudez|nackt|nackte|nackten|nackter|nacktes|nacktheit|nacktfoto*|"
                    + "nacktbild*|nue|nues|nudite|nua|nuas|nudez|nuda|голая|голую|голой|голые|голых|"
                    + "обнаженн*|порно*|эротик*|эротич*|секс",
            "homme|hommes|uomo|uomini|homem|homens nu|nus|nudo|nudi");

    private static final Phrases UNDRESSING = phrases(
            "undress*|nudif*|disrobe*|disrobing|unclothe*|unclad|deepnude*",
            "remov*|strip|stripping|strips|stripped|eras*|delet*|rip|ripping|tear|pull|pulling ~ @garment !@part",
            "take|takes|taking|took|get|getting ~ off ~ @garment !@part",
            "take|takes|taking|took ~ @garment off",
            "take|takes|taking her|him|them everything off",
            "get|getting rid of ~ @garment !@part",
            "strip|stripping|stripped her|him|them",
            "strip|stripping|stripped ~ woman|women|girl|girls|man|men|person|bare|down",
            "without|no|zero ~ clothes|clothing|underwear|bra|panties !@part",
            "wearing|wears|wear nothing",
            "see|seeing through ~ @garment",
            "cloth|clothes|clothing remover|removal|removed",
            "clothes|clothing off !the|a|line|shelf",
            "x ray ~ clothes|clothing|dress",
            // Spanish, Portuguese, Italian, French, German, Russian
            "sin|sem|senza|sans|ohne|без ~ ropa|ropas|roupa|roupas|vestiti|abiti|vetements|habits|kleidung|kleider|"
                    + "klamotten|одежды|белья",
            "quita*|tira|tirar|tire|togli*|enlev*|retire*|entfern*|снять|сними|убери|убрать ~ ropa|roupa|roupas|"
                    + "vestiti|vetements|habits|kleidung|kleider|одежду",
            "desnudar*|desnudal*|desvest*|desvist*|deshabill*|entkleid*|spogliar*|spogliat*|despir|раздень*|раздет*|"
                    + "раздев*",
            "zieh|ziehe sie|ihn|ihr ... aus");

    private static final Phrases LIKENESS = phrases(
            "deepfake*|faceswap*",
            "deep fake|fakes|faked",
            "face|faces swap|swaps|swapped|swapping",
            "swap|swaps|swapping ~ face|faces",
            "put|puts|putting|paste|pasting|place|placing ~ face|head on|onto ~ @person|body|bodies|actor|photo|picture",
            "put|puts|putting|paste|pasting|place|placing ~ face|head on|onto ... body|bodies",
            "replace|replacing|change ~ face|head with ... face|head",
            "look|looks|appear|appears|seem|sound like|as|that|if !it ... @speak",
            "impersonate|impersonates|impersonating|impersonation",
            "fake|faked|forged mugshot*|arrest|interview|quote|speech|endorsement|statement|confession|passport",
            "clone|cloning|clones ~ voice",
            "voice clone|cloning");

    private static final Phrases DEGRADING = phrases(
            "humiliat*|degrade|degrades|degrading|ridicul*|bully|bullying|mocks|mocking|shame|shaming|dehumaniz*"
                    + " ~ @person !themselves",
            "mock her|him|them",
            "make|making ~ @person ... look ~ ugly|uglier|stupid|dumb|fat|pathetic|disgusting|worthless|retarded",
            "make|making ~ @person ... look like ~ animal|monkey|ape|pig|rat|trash",
            "body|fat|slut shame|shaming");

    /** Suggestive where a child is meant, and not otherwise. */
    private static final Phrases SUGGESTIVE = phrases(
            "sexy|sexual|sexually|sexuali*|seductive*|sensual*|lewd|horny|arous*|lingerie|bikini|bikinis|thong|"
                    + "panties|underwear|provocative*|explicit|kinky",
            "spread ~ legs");

    private static final Phrases MINORS = phrases(
            "child|children|childlike|kid|kids|minor|minors|underage|underaged|teen|teens|teenage*|preteen*|tween|"
                    + "tweens|toddler*|infant*|baby|babies|schoolgirl*|schoolboy*|schoolchild*|kindergart*|"
                    + "adolescent*|pupil|pupils|daughter|daughters",
            "young|little|small|tiny|school|underage girl|girls|boy|boys|sister|brother",
            "high|middle|elementary|primary school|schooler*",
            "nina|ninas|nino|ninos|enfant|enfants|fillette*|bambina|bambino|bambine|bambini|crianca*|menina|meninas|"
                    + "menino|meninos|kinder|kleinkind*|madchen|minderjahrig*|menor|menores|mineur*|minorenne*|"
                    + "ребенок|ребенка|дети|детеи|девочк*|школьниц*|подрост*");

    /** Words that are refused by themselves, for there is no other way to read them. */
    private static final Phrases MINORS_SEXUALIZED =
            phrases("loli|lolis|lolicon*|shota|shotacon*|jailbait|pedo|pedophil*|paedophil*|childporn*");

    // languages that put nothing between words: looked for anywhere among the letters
    private static final List<String> SEXUAL_ANYWHERE =
            anywhere("裸体 裸體 全裸 半裸 裸照 裸女 裸男 赤裸的 色情 做爱 做愛 性爱 性愛 裸の女 裸の男 裸の人 ヌード写真 ヌード画像 "
                    + "ヌードの ポルノ エロい エロ画像 セックス 누드사진 누드화 알몸 나체 포르노 야동 섹스");
    private static final List<String> UNDRESSING_ANYWHERE = anywhere(
            "脱光 脫光 脱掉衣 脫掉衣 脱掉她 脱掉他 脱她 脱衣服 脱衣舞 脫衣服 " + "去掉衣服 去掉她的衣服 不穿衣服 没穿衣服 沒穿衣服 服を脱が 服を脱い 脱がせ 脱がして 裸にして 옷을벗 옷벗 옷을제거");
    private static final List<String> LIKENESS_ANYWHERE = anywhere("换脸 換臉 深度伪造 深度偽造 顔を入れ替え 顔交換 ディープフェイク 딥페이크 얼굴합성");
    private static final List<String> MINORS_ANYWHERE =
            anywhere("小女孩 小男孩 儿童 兒童 未成年 小孩 小学生 小學生 初中生 少女 子供 女子高生 女子中学生 소녀 미성년 어린이 초등학생");
    private static final List<String> MINORS_SEXUALIZED_ANYWHERE = anywhere("幼女裸 萝莉控 蘿莉控 ロリコン 児童ポルノ 儿童色情 로리콘");

    private static final Phrases CLOTHES = phrases("@garment", "clothed|dressed|covered");

    @Override
    public PolicyVerdict review(PolicyRequest request) {
        Map<Rule, String> broken = new HashMap<>();
        Optional<String> minor = Optional.empty();
        Optional<String> suggestive = Optional.empty();
        for (Map.Entry<String, String> text : request.texts().entrySet()) {
            String field = text.getKey();
            if (text.getValue().codePointCount(0, text.getValue().length()) > MAX_LENGTH) {
                return Rule.TOO_LONG.refuse(field);
            }
            Words words = new Words(text.getValue());
            if (field.contains("negative")) {
                if (CLOTHES.isIn(words)) {
                    broken.putIfAbsent(Rule.UNDRESSING, field);
                }
                continue;
            }
            excuse(words);
            if (MINORS_SEXUALIZED.isIn(words) || hasAnywhere(words, MINORS_SEXUALIZED_ANYWHERE)) {
                broken.putIfAbsent(Rule.MINORS, field);
            }
            if (SEXUAL.isIn(words) || hasAnywhere(words, SEXUAL_ANYWHERE)) {
                broken.putIfAbsent(Rule.SEXUAL, field);
            }
            if (UNDRESSING.isIn(words) || hasAnywhere(words, UNDRESSING_ANYWHERE)) {
                broken.putIfAbsent(Rule.UNDRESSING, field);
            }
            if (LIKENESS.isIn(words) || hasAnywhere(words, LIKENESS_ANYWHERE)) {
                broken.putIfAbsent(Rule.LIKENESS, field);
            }
            if (DEGRADING.isIn(words)) {
                broken.putIfAbsent(Rule.DEGRADING, field);
            }
            if (minor.isEmpty() && (MINORS.isIn(words) || hasAnywhere(words, MINORS_ANYWHERE) || hasMinorAge(words))) {
                minor = Optional.of(field);
            }
            if (suggestive.isEmpty() && SUGGESTIVE.isIn(words)) {
                suggestive = Optional.of(field);
            }
        }
        // the two halves may stand in different fields
        boolean sexual =
                suggestive.isPresent() || broken.containsKey(Rule.SEXUAL) || broken.containsKey(Rule.UNDRESSING);
        if (minor.isPresent() && sexual) {
            broken.putIfAbsent(Rule.MINORS, minor.get());
        }
        return Stream.of(Rule.values())
                .filter(broken::containsKey)
                .findFirst()
                .map(rule -> rule.refuse(broken.getOrDefault(rule, "")))
                .orElseGet(PolicyVerdict.Allowed::new);
    }

    private static void excuse(Words words) {
        List<Words.Word> list = words.list();
        for (int from = 0; from < list.size(); from++) {
            int end = EXCUSES.endAt(list, from);
            for (int i = from; i < end; i++) {
                list.get(i).excused = true;
            }
        }
    }

    private static boolean hasAnywhere(Words words, List<String> parts) {
        return parts.stream().anyMatch(words.letters()::contains);
    }

    /** {@code 12 years old}, {@code aged 12}, {@code 12yo}. */
    private static boolean hasMinorAge(Words words) {
        List<Words.Word> list = words.list();
        for (int i = 0; i < list.size(); i++) {
            String word = list.get(i).forms.get(0);
            String before = i > 0 ? list.get(i - 1).forms.get(0) : "";
            String after = i + 1 < list.size() ? list.get(i + 1).forms.get(0) : "";
            boolean aged = before.equals("age") || before.equals("aged") || after.matches("years?|yrs?|yo|y");
            if (word.matches("[0-9]{1,2}") && aged && Integer.parseInt(word) < ADULT) {
                return true;
            }
            if (word.matches("[0-9]{1,2}(?:yo|yrs?|years?|yearold)")
                    && Integer.parseInt(word.replaceAll("[a-z]", "")) < ADULT) {
                return true;
            }
        }
        return false;
    }

    private static Phrases phrases(String... phrases) {
        List<Phrase> parsed = new ArrayList<>();
        for (String phrase : phrases) {
            parsed.add(Phrase.of(phrase, LISTS));
        }
        return new Phrases(parsed);
    }

    private static List<String> anywhere(String words) {
        return Stream.of(words.split(" ", -1)).map(Words::normalize).toList();
    }

    /** The rules, the gravest first. */
    private enum Rule {
        TOO_LONG("too_long", "is too long to be reviewed"),
        MINORS("minors", "asks for something sexual with a minor, which is never made"),
        UNDRESSING("undressing", "asks to undress someone, which isn't done here"),
        SEXUAL("sexual", "asks for sexual content, which isn't made here"),
        LIKENESS("likeness", "asks to make a real person appear to be, do or say something, which isn't done here"),
        DEGRADING("degrading", "asks to degrade someone, which isn't done here");

        private final String word;
        private final String message;

        Rule(String word, String message) {
            this.word = word;
            this.message = message;
        }

        private PolicyVerdict refuse(String field) {
            return new PolicyVerdict.Refused(word, field, message);
        }
    }
}
