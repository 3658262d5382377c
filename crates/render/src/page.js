// Shows, beside a mark, the row of the table that it stands for: its figures and the numbers of its events.
'use strict';
(function () {
  var tip = document.getElementById('tip');
  var shown = null;
  function make(parent, tag, text) {
    var node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    parent.appendChild(node);
    return node;
  }
  function hide() {
    tip.style.display = 'none';
    if (shown) shown.classList.remove('on');
    shown = null;
  }
  function show(panel, row, x, y) {
    if (!row) return hide();
    if (shown !== row) {
      if (shown) shown.classList.remove('on');
      shown = row;
      row.classList.add('on');
      tip.textContent = '';
      var heads = panel.querySelectorAll('thead th');
      Array.prototype.forEach.call(row.cells, function (cell, n) {
        if (n === 0) { make(tip, 'b', cell.textContent); return; }
        var line = make(tip, 'div');
        make(line, 'span', heads[n].textContent);
        make(line, 'b', cell.textContent);
      });
      var events = (row.dataset.events || '').split(' ').filter(Boolean);
      if (events.length) {
        var more = events.length - 6;
        make(tip, 'span', 'events ' + events.slice(0, 6).join(' ') + (more === 0 || 0 > more ? '' : ' and ' + more + ' more'));
      }
    }
    tip.style.display = 'block';
    var left = Math.min(x + 14, window.innerWidth - tip.offsetWidth - 6);
    var top = y + 16 + tip.offsetHeight > window.innerHeight ? y - tip.offsetHeight - 12 : y + 16;
    tip.style.left = Math.max(4, left) + 'px';
    tip.style.top = Math.max(4, top) + 'px';
  }
  document.querySelectorAll('.panel').forEach(function (panel) {
    var plot = panel.querySelector('svg.plot');
    var rows = panel.querySelectorAll('tbody tr');
    var along = Array.prototype.filter.call(rows, function (row) { return row.dataset.x !== undefined; });
    var at = -1;
    function nearest(share) {
      var best = null, least = Infinity;
      along.forEach(function (row) {
        var away = Math.abs(row.dataset.x - share);
        if (least > away) { least = away; best = row; }
      });
      return best;
    }
    function point(event) {
      var mark = event.target.dataset ? event.target.dataset.r : undefined;
      var box = plot.getBoundingClientRect();
      show(panel, mark !== undefined ? rows[mark] : nearest((event.clientX - box.left) / box.width * 1000), event.clientX, event.clientY);
    }
    plot.addEventListener('pointermove', point);
    plot.addEventListener('pointerdown', point);
    plot.addEventListener('pointerleave', hide);
    plot.addEventListener('blur', hide);
    plot.addEventListener('keydown', function (event) {
      if (event.key === 'Escape') return hide();
      var step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      if (!step || !rows.length) return;
      event.preventDefault();
      at = Math.max(0, Math.min(rows.length - 1, at + step));
      var box = plot.getBoundingClientRect(), row = rows[at];
      var share = row.dataset.x === undefined ? at / rows.length : row.dataset.x / 1000;
      show(panel, row, box.left + share * box.width, box.top + 10);
    });
  });
  window.addEventListener('beforeprint', hide);
})();
