//! Strings against a model that keeps code points in vectors.

use crate::heap::Heap;
use crate::reference::Owned;
use crate::testing::{Random, assert_sound, enter_with_limit, on_heap, text};

/// Code points that make every pair of widths, and surrogates.
const ALPHABETS: [&[u32]; 4] =
    [&[0x61, 0x62], &[0x61, 0xE9, 0xFF], &[0x61, 0x101, 0xD800, 0x6161], &[0x61, 0x1F600, 0x10FFFF, 0x101]];

fn make(heap: &Heap, points: &[u32]) -> Owned {
    let owned = heap.new_str_from_code_points(points).expect("memory");
    let string = owned.get().as_str().expect("a string");
    let highest = points.iter().copied().max().unwrap_or(0);
    assert_eq!(
        string.width(),
        if highest < 0x100 {
            1
        } else if highest < 0x1_0000 {
            2
        } else {
            4
        }
    );
    assert_eq!(string.is_ascii(), highest < 0x80);
    owned
}

fn points(owned: &Owned) -> Vec<u32> {
    owned.get().as_str().expect("a string").code_points().collect()
}

fn random_points(random: &mut Random, longest: usize) -> Vec<u32> {
    let alphabet = *random.pick(&ALPHABETS);
    (0..random.below(longest + 1)).map(|_| *random.pick(alphabet)).collect()
}

/// The first place of `needle` in `text` between `start` and `end`.
fn find(text: &[u32], needle: &[u32], start: usize, end: usize) -> Option<usize> {
    let end = end.min(text.len());
    (start..=end).find(|&place| place + needle.len() <= end && text[place..place + needle.len()] == *needle)
}

fn rfind(text: &[u32], needle: &[u32], start: usize, end: usize) -> Option<usize> {
    let end = end.min(text.len());
    (start..=end).rev().find(|&place| place + needle.len() <= end && text[place..place + needle.len()] == *needle)
}

#[test]
fn operations_agree_with_vectors_of_code_points_for_every_pair_of_widths() {
    on_heap(|heap| {
        let mut random = Random::new(1);
        for _ in 0..4000 {
            let (left, right) = (random_points(&mut random, 12), random_points(&mut random, 3));
            let (left_owner, right_owner) = (make(heap, &left), make(heap, &right));
            let (a, b) = (left_owner.get().as_str().expect("a string"), right_owner.get().as_str().expect("a string"));
            assert_eq!(points(&left_owner), left);
            assert_eq!(a.code_points().rev().collect::<Vec<_>>(), left.iter().rev().copied().collect::<Vec<_>>());
            assert_eq!(a.compare(b), left.cmp(&right));
            assert_eq!(a.equal(b), left == right);
            assert_eq!(a.starts_with(b), left.starts_with(&right));
            assert_eq!(a.ends_with(b), left.ends_with(&right));
            let (start, end) = (random.below(left.len() + 2), random.below(left.len() + 3));
            assert_eq!(a.find(b, start, end), find(&left, &right, start, end), "{left:x?} {right:x?} {start} {end}");
            assert_eq!(a.rfind(b, start, end), rfind(&left, &right, start, end), "{left:x?} {right:x?} {start} {end}");
            if !right.is_empty() {
                let mut places = Vec::new();
                let mut from = 0;
                while let Some(place) = find(&left, &right, from, left.len()) {
                    places.push(place);
                    from = place + right.len();
                }
                assert_eq!(a.count(b, 0, left.len()), places.len());
                assert_eq!(a.places(b).collect::<Vec<_>>(), places);
                let limit = random.below(4);
                if let Some(replaced) = a.replace_ascii(heap, b, b, limit).expect("memory") {
                    assert_eq!(points(&replaced), left);
                    let pair = b.repeat(heap, 2).expect("memory");
                    let replaced = a.replace_ascii(heap, b, pair.get().as_str().expect("a string"), limit);
                    let replaced = replaced.expect("memory").expect("all is ASCII");
                    let mut expected = left.clone();
                    places.iter().take(limit).rev().for_each(|&place| {
                        expected.splice(place..place, right.iter().copied());
                    });
                    assert_eq!(points(&replaced), expected);
                }
            }
            let sum = a.concat(heap, b).expect("memory");
            assert_eq!(points(&sum), [left.clone(), right.clone()].concat());
            let product = b.repeat(heap, 3).expect("memory");
            assert_eq!(points(&product), right.repeat(3));
            let joined = b.join(heap, &[a, a, b]).expect("memory");
            assert_eq!(points(&joined), [&left[..], &left, &right].join(&right[..]));
            let (low, high) = (start.min(left.len()), end.min(left.len()));
            if low <= high {
                let part = a.substring(heap, low, high).expect("memory");
                assert_eq!(points(&part), left[low..high]);
                assert!(
                    part.get()
                        .as_str()
                        .expect("a string")
                        .equal(make(heap, &left[low..high]).get().as_str().expect("a string"))
                );
            }
            let reversed = a.slice(heap, left.len() as isize - 1, -1, -1).expect("memory");
            assert_eq!(points(&reversed), left.iter().rev().copied().collect::<Vec<_>>());
        }
    });
}

#[test]
fn long_texts_are_searched_as_short_ones_are() {
    on_heap(|heap| {
        let mut random = Random::new(3);
        for _ in 0..60 {
            // Long enough for a prepared search, in a width of 1, 2 or 4.
            let alphabet = *random.pick(&ALPHABETS);
            let left: Vec<u32> = (0..600).map(|_| *random.pick(alphabet)).collect();
            let right = random_points(&mut random, 4);
            let (left_owner, right_owner) = (make(heap, &left), make(heap, &right));
            let (a, b) = (left_owner.get().as_str().expect("a string"), right_owner.get().as_str().expect("a string"));
            assert_eq!(a.find(b, 1, 600), find(&left, &right, 1, 600));
            assert_eq!(a.rfind(b, 1, 600), rfind(&left, &right, 1, 600));
            if !right.is_empty() {
                let places = a.places(b).collect::<Vec<_>>();
                assert_eq!(a.count(b, 0, 600), places.len());
                if let Some(replaced) =
                    a.replace_ascii(heap, b, heap.empty_str().get().as_str().expect("a string"), 599).expect("memory")
                {
                    let mut expected = left.clone();
                    places.iter().rev().for_each(|&place| drop(expected.drain(place..place + right.len())));
                    assert_eq!(points(&replaced), expected);
                }
            }
        }
    });
}

#[test]
fn joined_parts_are_as_wide_as_the_widest() {
    on_heap(|heap| {
        let mut random = Random::new(4);
        for _ in 0..1000 {
            let parts: Vec<Vec<u32>> = (0..random.below(5)).map(|_| random_points(&mut random, 3)).collect();
            let separator = random_points(&mut random, 2);
            let list = heap.new_list(parts.iter().map(|part| make(heap, part)).collect()).expect("memory");
            let between = make(heap, &separator);
            let between = between.get().as_str().expect("a string");
            let joined = between.join_list(heap, list.get().as_list().expect("a list"));
            let joined = joined.expect("memory").expect("all are text");
            let expected = parts.join(&separator[..]);
            assert_eq!(points(&joined), expected);
            assert!(
                joined.get().as_str().expect("a string").equal(make(heap, &expected).get().as_str().expect("a string"))
            );
        }
        let mixed = heap.new_list(vec![text(heap, "a"), Owned::none(), Owned::none()]).expect("memory");
        let empty = heap.empty_str();
        let joined = empty.get().as_str().expect("a string").join_list(heap, mixed.get().as_list().expect("a list"));
        assert_eq!(joined.expect("memory").expect_err("None is no text"), super::NotText(1));
    });
}

#[test]
fn case_is_mapped_for_ascii_only() {
    on_heap(|heap| {
        let map = |source: &str| {
            let source = text(heap, source);
            let mapped = source.get().as_str().expect("a string").map_ascii(heap, |byte| byte.to_ascii_uppercase());
            mapped.expect("memory").map(|mapped| mapped.get().as_str().expect("a string").to_string_lossy())
        };
        assert_eq!(map("").as_deref(), Some(""));
        assert_eq!(map("x").as_deref(), Some("X"));
        assert_eq!(map("Row 1; ").as_deref(), Some("ROW 1; "));
        assert_eq!(map("größe"), None);
    });
}

#[test]
fn the_builder_widens_as_it_goes() {
    on_heap(|heap| {
        let mut random = Random::new(2);
        for _ in 0..1000 {
            let pieces: Vec<Vec<u32>> = (0..random.below(4)).map(|_| random_points(&mut random, 5)).collect();
            let mut builder = super::StrBuilder::new();
            for piece in &pieces {
                match random.below(3) {
                    0 => piece.iter().for_each(|&point| builder.push_code_point(point)),
                    1 => builder.push_string(make(heap, piece).get().as_str().expect("a string")),
                    _ => match make(heap, piece).get().as_str().expect("a string").to_utf8() {
                        Some(text) => builder.push_str(&text),
                        None => piece.iter().for_each(|&point| builder.push_code_point(point)),
                    },
                }
            }
            let expected = pieces.concat();
            assert_eq!(builder.len(), expected.len());
            let built = builder.finish(heap).expect("memory");
            assert_eq!(points(&built), expected);
            let string = built.get().as_str().expect("a string");
            assert!(string.equal(make(heap, &expected).get().as_str().expect("a string")));
            let has_surrogates = expected.iter().any(|point| (0xD800..0xE000).contains(point));
            assert_eq!(string.has_surrogates(), has_surrogates);
        }
    });
}

#[test]
fn utf8_is_borrowed_for_ascii_and_refused_for_lone_surrogates() {
    on_heap(|heap| {
        let ascii = text(heap, "plain");
        assert_eq!(ascii.get().as_str().and_then(super::Str::as_utf8), Some("plain"));
        let wide = text(heap, "größer 😀");
        let wide = wide.get().as_str().expect("a string");
        assert_eq!(wide.as_utf8(), None);
        assert_eq!(wide.to_utf8().as_deref(), Some("größer 😀"));
        assert!(wide.is_text("größer 😀") && !wide.is_text("größer"));
        let lone = make(heap, &[0x61, 0xD83D]);
        let lone = lone.get().as_str().expect("a string");
        assert_eq!(lone.to_utf8(), None);
        assert_eq!(lone.to_string_lossy(), "a\u{FFFD}");
    });
}

#[test]
fn short_strings_are_shared_and_equal_strings_hash_equal() {
    on_heap(|heap| {
        assert!(text(heap, "é").get().is(heap.new_character(0xE9).expect("memory").get()));
        assert!(text(heap, "").get().is(heap.empty_str().get()));
        let word = text(heap, "word");
        let letter = word.get().as_str().expect("a string").substring(heap, 1, 2).expect("memory");
        assert!(letter.get().is(text(heap, "o").get()));
        let other = text(heap, "word");
        assert!(!word.get().is(other.get()));
        assert_eq!(word.get().as_str().map(super::Str::hash), other.get().as_str().map(super::Str::hash));
    });
}

#[test]
fn too_long_results_are_refused_and_leave_everything_as_it_was() {
    let gil = enter_with_limit(1 << 20);
    let long = text(&gil, &"x".repeat(1000));
    let string = long.get().as_str().expect("a string");
    assert!(string.repeat(&gil, usize::MAX / 2).is_err());
    assert!(string.repeat(&gil, 1 << 20).is_err());
    assert!(string.join(&gil, &vec![string; 100_000]).is_err());
    assert_sound(&gil, &[&long]);
}

#[test]
fn appending_in_place_is_seen_by_nobody_else() {
    on_heap(|heap| {
        let mut random = Random::new(3);
        for _ in 0..300 {
            let mut model = random_points(&mut random, 4);
            let mut owned = make(heap, &model);
            let mut witness = Vec::new();
            for _ in 0..random.below(40) {
                if random.below(8) == 0 {
                    witness.push((owned.clone(), model.clone()));
                }
                if random.below(8) == 0 {
                    owned = heap.intern_str(owned);
                }
                if random.below(4) == 0 {
                    let _ = owned.get().as_str().map(super::Str::hash);
                }
                let more = random_points(&mut random, 30);
                let addition = make(heap, &more);
                owned = heap.append_str(owned, addition.get().as_str().expect("a string")).expect("memory");
                model.extend(more);
                assert_eq!(points(&owned), model);
                let fresh = make(heap, &model);
                let (string, fresh) = (owned.get().as_str().expect("one"), fresh.get().as_str().expect("one"));
                assert!(string.equal(fresh) && string.hash() == fresh.hash());
                assert_eq!(string.has_surrogates(), fresh.has_surrogates());
            }
            for (owner, content) in &witness {
                assert_eq!(points(owner), *content);
            }
        }
    });
}

#[test]
fn appending_again_and_again_takes_linear_time() {
    on_heap(|heap| {
        let piece = text(heap, "0123456789");
        let piece = piece.get().as_str().expect("a string");
        let mut sum = heap.empty_str();
        let mut moves = 0;
        for _ in 0..20_000 {
            let before = sum.value();
            sum = heap.append_str(sum, piece).expect("memory");
            moves += usize::from(sum.value() != before);
        }
        assert_eq!(sum.get().as_str().map(super::Str::len), Some(200_000));
        assert!(moves < 200, "{moves} copies");
    });
}
