use content::*;
fn main() {
    let out = std::env::var("OUT").ok();
    for p in std::env::args().skip(1) {
        let Ok(mut f) = std::fs::File::open(&p) else { continue };
        let t = std::time::Instant::now();
        let e = examine(&mut f, &Declared { name: &p, media_type: "application/octet-stream" }, &Limits::default());
        let ms = t.elapsed().as_millis();
        let short = p.rsplit("data/").next().unwrap().to_owned();
        println!("{short}\t{ms}ms\t{:?}\t{}\t{:?}\t{:?}\tpreview={}", e.class, e.media_type, e.verdict, e.warnings.iter().map(|w| w.code).collect::<Vec<_>>(), e.preview.as_ref().map_or("-".into(), |p| format!("{}x{}", p.width, p.height)));
        if std::env::var("FACTS").is_ok() { println!("    {}", serde_json::to_string(&e.facts).unwrap()); }
        if let (Some(out), Some(p)) = (&out, e.preview) { std::fs::write(format!("{out}/{}.jpg", short.replace('/', "_")), p.bytes).unwrap(); }
    }
}
