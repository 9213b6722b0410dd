//! Text that may hold lone surrogates.

use serde::{Deserialize, Serialize};

/// A Python string constant: UTF-8, except that lone surrogates (`"\ud800"`) are encoded like other code points of
/// three bytes ("generalised UTF-8").
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text(Box<[u8]>);

impl Text {
    /// Text of code points; each at most 0x10FFFF.
    pub fn from_code_points(points: impl IntoIterator<Item = u32>) -> Self {
        let mut bytes = Vec::new();
        for point in points {
            push_code_point(&mut bytes, point);
        }
        Self(bytes.into())
    }

    /// The text as `str`, or `None` if it holds a lone surrogate.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The generalised UTF-8.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The code points in order.
    pub fn code_points(&self) -> impl Iterator<Item = u32> + '_ {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let (&first, _) = rest.split_first()?;
            let length = match first {
                0..=0x7F => 1,
                0x80..=0xDF => 2,
                0xE0..=0xEF => 3,
                _ => 4,
            };
            let lead = if length == 1 { u32::from(first) } else { u32::from(first) & (0x7F >> length) };
            let point = rest[1..length].iter().fold(lead, |point, &byte| point << 6 | u32::from(byte & 0x3F));
            rest = &rest[length..];
            Some(point)
        })
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

/// Appends one code point in generalised UTF-8.
fn push_code_point(bytes: &mut Vec<u8>, point: u32) {
    match char::from_u32(point) {
        Some(char) => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            bytes.extend([0xE0 | (point >> 12) as u8, 0x80 | (point >> 6 & 0x3F) as u8, 0x80 | (point & 0x3F) as u8])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn every_width_survives_and_a_lone_surrogate_is_no_str() {
        let points = [0x41, 0xE9, 0x20AC, 0xD800, 0x1F600];
        let text = Text::from_code_points(points);
        assert!(text.code_points().eq(points));
        assert_eq!(text.as_str(), None);
        assert_eq!(Text::from("aé€😀").as_str(), Some("aé€😀"));
    }
}
