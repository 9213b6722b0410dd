//! Encodings of one byte a character whose lower half is ASCII: what the bytes above it mean.

/// One such encoding.
#[derive(PartialEq, Eq, Debug)]
pub struct Charset {
    /// What it is called; with `-` where Python also takes `_` and spaces.
    names: &'static [&'static str],
    /// The byte that the first of the characters is for. Bytes that have no character here mean what they mean in Latin-1.
    from: u8,
    /// The characters of the bytes from there on; U+FFFD: the byte means nothing.
    characters: &'static str,
}

impl Charset {
    /// The encoding of a name in lower case, with `-` between its words.
    pub fn find(name: &str) -> Option<&'static Self> {
        CHARSETS.iter().find(|charset| charset.names.contains(&name))
    }

    /// The character of a byte.
    pub fn decode(&self, byte: u8) -> Option<char> {
        let place = byte.checked_sub(self.from).filter(|_| !byte.is_ascii());
        let character = place.and_then(|place| self.characters.chars().nth(place.into())).unwrap_or(byte.into());
        (character != char::REPLACEMENT_CHARACTER).then_some(character)
    }

    /// The byte of a character.
    pub fn encode(&self, code_point: u32) -> Option<u8> {
        if code_point < 0x80 {
            return Some(code_point as u8);
        }
        (0x80..=0xff).find(|&byte| self.decode(byte).is_some_and(|character| u32::from(character) == code_point))
    }
}

/// From the code pages of Microsoft and IBM, ISO/IEC 8859, RFC 1489 and Apple.
static CHARSETS: &[Charset] = &[
    Charset {
        names: &["cp1250", "1250", "windows-1250"],
        from: 0x80,
        characters: concat!(
            "€\u{fffd}‚\u{fffd}„…†‡\u{fffd}‰Š‹ŚŤŽŹ\u{fffd}‘’“”•–—\u{fffd}™š›śťžź",
            "\u{a0}ˇ˘Ł¤Ą¦§¨©Ş«¬\u{ad}®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľż",
            "ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß",
            "ŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙",
        ),
    },
    Charset {
        names: &["cp1251", "1251", "windows-1251"],
        from: 0x80,
        characters: concat!(
            "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{fffd}™љ›њќћџ",
            "\u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕї",
            "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
            "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        ),
    },
    Charset {
        names: &["cp1252", "1252", "windows-1252"],
        from: 0x80,
        characters: "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ",
    },
    Charset {
        names: &["cp437", "437", "ibm437"],
        from: 0x80,
        characters: concat!(
            "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ",
            "áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
            "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀",
            "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
        ),
    },
    Charset {
        names: &["cp850", "850", "ibm850"],
        from: 0x80,
        characters: concat!(
            "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ",
            "áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐",
            "└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀",
            "ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
        ),
    },
    Charset {
        names: &["iso8859-2", "iso-8859-2", "latin2", "latin-2", "l2", "iso-8859-2-1987"],
        from: 0xa0,
        characters: concat!(
            "\u{a0}Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u{ad}ŽŻ°ą˛ł´ľśˇ¸šşťź˝žż",
            "ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß",
            "ŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙",
        ),
    },
    Charset {
        names: &["iso8859-5", "iso-8859-5", "cyrillic"],
        from: 0xa0,
        characters: concat!(
            "\u{a0}ЁЂЃЄЅІЇЈЉЊЋЌ\u{ad}ЎЏАБВГДЕЖЗИЙКЛМНОП",
            "РСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп",
            "рстуфхцчшщъыьэюя№ёђѓєѕіїјљњћќ§ўџ",
        ),
    },
    Charset {
        names: &["iso8859-15", "iso-8859-15", "latin9", "latin-9", "l9"],
        from: 0xa0,
        characters: "\u{a0}¡¢£€¥Š§š©ª«¬\u{ad}®¯°±²³Žµ¶·ž¹º»ŒœŸ¿",
    },
    Charset {
        names: &["koi8-r", "koi8r"],
        from: 0x80,
        characters: concat!(
            "─│┌┐└┘├┤┬┴┼▀▄█▌▐░▒▓⌠■∙√≈≤≥\u{a0}⌡°²·÷",
            "═║╒ё╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡Ё╢╣╤╥╦╧╨╩╪╫╬©",
            "юабцдефгхийклмнопярстужвьызшэщчъ",
            "ЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ",
        ),
    },
    Charset {
        names: &["mac-roman", "macroman", "macintosh"],
        from: 0x80,
        characters: concat!(
            "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü",
            "†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø",
            "¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ",
            "‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ",
        ),
    },
];
