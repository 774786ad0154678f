package dev.sotto.server.web;

/// What is asked of a page in its own language.
final class PageChecks {
    /// Controls that have no name for those who do not see them.
    static final String UNNAMED = """
            () => [...document.querySelectorAll('a, button, input, select, audio[controls]')]
              .filter((e) => e.type !== 'hidden' && !e.closest('[hidden]'))
              .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length))
              .map((e) => e.outerHTML)
            """;

    /// Text whose contrast with what is behind it is under the given ratio (WCAG 2.2, relative luminance).
    static final String PALE = """
            (least) => {
              const parse = (color) => {
                const numbers = color.match(/[\\d.]+/g).map(Number);
                return numbers.length === 3 ? [...numbers, 1] : numbers;
              };
              const over = (top, bottom) => top.slice(0, 3).map((c, i) => c * top[3] + bottom[i] * (1 - top[3]));
              const behind = (element) => {
                if (!element) return [255, 255, 255];
                const color = parse(getComputedStyle(element).backgroundColor);
                return color[3] === 1 ? color.slice(0, 3) : over(color, behind(element.parentElement));
              };
              const light = (rgb) => {
                const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              const pale = [];
              for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const element = node.parentElement;
                if (!node.textContent.trim() || !element.checkVisibility() || element.closest('script, svg, option')) continue;
                const back = behind(element);
                const front = over(parse(getComputedStyle(element).color), back);
                const [bright, dark] = [light(front), light(back)].sort((a, b) => b - a);
                const ratio = (bright + 0.05) / (dark + 0.05);
                if (ratio < least) pale.push(`${ratio.toFixed(2)} ${node.textContent.trim().slice(0, 40)}`);
              }
              return pale;
            }
            """;

    private PageChecks() {}
}
