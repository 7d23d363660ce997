// The line of the organiser's pages scrolls where it does not fit: the page that is shown comes into sight.
const line = document.querySelector(".pages");
const here = line?.querySelector("[aria-current]");
if (here) line.scrollLeft = here.offsetLeft - (line.clientWidth - here.clientWidth) / 2;
