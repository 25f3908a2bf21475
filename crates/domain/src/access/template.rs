//! What an operation touched, by its `object`.

/// The template with every `{place}` as `named` knows it; `None` when a place is not known, so that nothing is
/// recorded half.
pub(super) fn fill<'v>(template: &str, named: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}')?;
        text.push_str(before);
        text.push_str(named(place)?);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r23_an_object_is_named_only_when_every_place_of_it_is() {
        let named = |place: &str| match place {
            "1" => Some("INV-7"),
            "id" => Some("{1}"),
            _ => None,
        };
        assert_eq!(fill("invoice:{1}", named).as_deref(), Some("invoice:INV-7"));
        assert_eq!(fill("{id}/{1}", named).as_deref(), Some("{1}/INV-7"));
        assert_eq!(fill("the-list", named).as_deref(), Some("the-list"));
        assert_eq!(fill("invoice:{2}", named), None);
    }
}
