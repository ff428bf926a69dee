use domain::locale::Locale;
use words::Words;

/// Bytes in words: `512 KiB`, `1.5 GiB`.
pub fn size(w: Words, bytes: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;
    const GIB: u64 = 1024 * MIB;
    let tenths = |unit: u64| {
        let tenths = bytes.saturating_mul(10) / unit;
        let point = match w.locale() {
            Locale::En => '.',
            Locale::De => ',',
        };
        match tenths % 10 {
            0 => (tenths / 10).to_string(),
            rest => format!("{}{point}{rest}", tenths / 10),
        }
    };
    match bytes {
        0..MIB => w.licences_size_kib(tenths(KIB)),
        MIB..GIB => w.licences_size_mib(tenths(MIB)),
        _ => w.licences_size_gib(tenths(GIB)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        let (en, de) = (Words::new(Locale::En), Words::new(Locale::De));
        assert_eq!(size(en, 0), "0 KiB");
        assert_eq!(size(en, 1536), "1.5 KiB");
        assert_eq!(size(de, 5 * 1024 * 1024 + 512 * 1024), "5,5 MiB");
        assert_eq!(size(en, 2 << 30), "2 GiB");
    }
}
