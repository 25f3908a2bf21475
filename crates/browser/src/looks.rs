//! How a page is looked at: light or dark, at a desk or on a phone.

use std::fs;
use std::path::{Path, PathBuf};

use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams,
};
use chromiumoxide::page::ScreenshotParams;

use crate::page::Page;

/// The reader's colour scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// The reader's screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// 1280 × 900 CSS pixels.
    Desktop,
    /// 390 × 844 CSS pixels.
    Phone,
}

/// One way to look at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Light or dark.
    pub scheme: Scheme,
    /// Desk or phone.
    pub width: Width,
}

/// Every way that pages are judged in. The last is how a page is left.
pub const LOOKS: [Look; 4] = [
    Look {
        scheme: Scheme::Dark,
        width: Width::Phone,
    },
    Look {
        scheme: Scheme::Light,
        width: Width::Phone,
    },
    Look {
        scheme: Scheme::Dark,
        width: Width::Desktop,
    },
    Look {
        scheme: Scheme::Light,
        width: Width::Desktop,
    },
];

impl Look {
    fn suffix(self) -> String {
        let scheme = match self.scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let width = match self.width {
            Width::Desktop => "desktop",
            Width::Phone => "phone",
        };
        format!("{width}-{scheme}")
    }
}

impl Page {
    /// Shows the page to somebody with this screen and scheme.
    pub async fn look(&self, look: Look) {
        let scheme = match look.scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let media = SetEmulatedMediaParams {
            features: Some(vec![
                MediaFeature::new("prefers-color-scheme", scheme),
                MediaFeature::new("prefers-reduced-motion", "reduce"),
            ]),
            ..SetEmulatedMediaParams::default()
        };
        self.tell(media).await;
        let (width, height, is_phone) = match look.width {
            Width::Desktop => (1280, 900, false),
            Width::Phone => (390, 844, true),
        };
        self.tell(SetDeviceMetricsOverrideParams::new(
            width, height, 1.0, is_phone,
        ))
        .await;
    }

    /// Judges the page in every look: no broken rule of accessibility, nothing wider than the screen. Keeps a
    /// screenshot of each under `target/screenshots/`.
    ///
    /// # Panics
    /// With everything that is wrong.
    pub async fn is_presentable(&self, name: &str) {
        let mut wrong = Vec::new();
        for look in LOOKS {
            self.look(look).await;
            self.screenshot(&format!("{name}-{}", look.suffix())).await;
            let violations = self.axe().await;
            let told = violations
                .iter()
                .map(|it| format!("{}: {it}", look.suffix()));
            wrong.extend(told);
            wrong.extend(self.too_wide(look).await);
        }
        self.has_no_complaints();
        assert!(
            wrong.is_empty(),
            "{name} is not presentable:\n{}",
            wrong.join("\n")
        );
    }

    /// Keeps the whole page as `target/screenshots/NAME.png` and says where.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        let folder = screenshots();
        fs::create_dir_all(&folder).expect("a folder for screenshots");
        let whole = ScreenshotParams::builder().full_page(true).build();
        let picture = self.inner.screenshot(whole).await.expect("a screenshot");
        let place = folder.join(format!("{name}.png"));
        fs::write(&place, picture).expect("the screenshot is kept");
        place
    }

    /// WCAG 2.2, 1.4.10: nobody scrolls in two directions to read.
    async fn too_wide(&self, look: Look) -> Option<String> {
        let script = "[document.documentElement.scrollWidth, document.documentElement.clientWidth].join(' ')";
        let widths = self.evaluate(script).await;
        let widths = widths.as_str().unwrap_or_default().to_owned();
        let (content, screen) = widths.split_once(' ').unwrap_or_default();
        let number = |text: &str| text.parse::<u32>().unwrap_or(u32::MAX);
        (number(content) > number(screen)).then(|| {
            format!(
                "{}: {content} pixels wide on a screen of {screen}",
                look.suffix()
            )
        })
    }
}

fn screenshots() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    target.unwrap_or_else(usual).join("screenshots")
}
