/* The grid's keyboard and mouse. ipywidgets has no keyboard events and cannot set ARIA attributes, so the grid is one
   HTML widget, and this listens to it. What the learner does reaches the kernel through a hidden text field:
   {"now": …, "at": index of the picked cell, "cells": {index: letter}}; always everything, as a busy kernel skips. */
(function boot(image, tries) {
  const card = image.closest('.airlock-matrix');
  if (!card) {  // not on the page yet
    if (tries) setTimeout(boot, 100, image, tries - 1);
    return;
  }
  const WORDS = {r: 'read', s: 'safe', f: 'refused'}, NEXT = {'': 'r', r: 's', s: 'f', f: ''};
  const live = card.querySelector('.al-live'), bridge = card.querySelector('.al-bridge input');
  const grid = () => card.querySelector('[role=grid]');
  const cells = () => [...grid().querySelectorAll('[role=gridcell]')];
  const mine = {};
  let at = 0, inside = false;

  const send = () => {
    bridge.value = JSON.stringify({now: Date.now(), at, cells: mine});
    bridge.dispatchEvent(new Event('change', {bubbles: true}));
  };
  const paint = (cell, letter) => {
    cell.dataset.guess = letter;
    cell.dataset.tone = WORDS[letter] || '';
    cell.firstElementChild.textContent = letter ? WORDS[letter] + '?' : '·';
    cell.setAttribute('aria-label', letter ? 'you predicted ' + WORDS[letter] : 'no prediction');
  };
  const rove = () => cells().forEach((cell, index) => {
    cell.tabIndex = index === at ? 0 : -1;
    cell.setAttribute('aria-selected', index === at);
  });
  const pick = index => {
    at = index;
    rove();
    cells()[at].focus();
    send();
  };
  const answer = letter => {
    const cell = cells()[at];
    if (!('open' in cell.dataset)) {
      live.textContent = cell.dataset.place + ': it cannot be predicted any more';
      return;
    }
    mine[at] = letter;
    paint(cell, letter);
    live.textContent = cell.dataset.place + ': ' + (letter ? 'you predict ' + WORDS[letter] : 'no prediction');
    send();
  };
  const cycle = () => answer(NEXT[cells()[at].dataset.guess]);

  // What was predicted, never what was observed, as the table that an answer cell holds. The old way of copying: a hub
  // in a classroom speaks plain HTTP, and there browsers have no other. It takes what is selected on the page.
  const asTable = () => {
    const text = cell => cell.matches('td') ? WORDS[cell.dataset.guess] || '?' : cell.textContent;
    const rows = [...grid().rows].map(row => [...row.cells].map(text));
    rows[0][0] = '';
    const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)) + 2);
    const line = row => row.map((word, column) => word.padEnd(widths[column])).join('').trimEnd();
    return 'guess = """\n' + rows.map(line).join('\n') + '\n"""\n';
  };
  const copy = () => {
    const place = card.querySelector('.al-table'), area = place.querySelector('textarea');
    place.hidden = false;
    area.value = asTable();
    area.rows = grid().rows.length + 3;
    area.select();
    const done = document.execCommand('copy');
    place.querySelector('span').textContent = live.textContent = done
      ? 'Copied. Paste it into the answer cell, in the place of the table there.'
      : 'Copy this, and paste it into the answer cell, in the place of the table there.';
  };

  card.addEventListener('click', event => {
    if (event.target.closest('.al-copy')) copy();
    const cell = event.target.closest('[role=gridcell]');
    if (!cell) return;
    pick(cells().indexOf(cell));
    if ('open' in cell.dataset) cycle();
  });
  card.addEventListener('keydown', event => {
    if (!event.target.closest('[role=gridcell]') || event.altKey || event.metaKey) return;
    const wide = Number(grid().dataset.columns), last = cells().length - 1, column = at % wide;
    const moves = {
      ArrowLeft: column ? at - 1 : at,
      ArrowRight: column < wide - 1 ? at + 1 : at,
      ArrowUp: at >= wide ? at - wide : at,
      ArrowDown: at + wide <= last ? at + wide : at,
      Home: event.ctrlKey ? 0 : at - column,
      End: event.ctrlKey ? last : at - column + wide - 1,
    };
    const letter = event.key.toLowerCase();
    if (event.key in moves) pick(moves[event.key]);
    else if (event.ctrlKey) return;
    else if (event.key === ' ' || event.key === 'Enter' && !event.shiftKey) cycle();
    else if (letter in WORDS) answer(letter);
    else if (event.key === 'Delete' || event.key === 'Backspace') answer('');
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // The kernel draws the grid anew while it runs. What was chosen since, and where the focus was, is put back.
  card.addEventListener('focusin', event => { inside = Boolean(event.target.closest('[role=grid]')); });
  card.addEventListener('focusout', event => setTimeout(() => {
    if (event.target.isConnected && !card.contains(document.activeElement)) inside = false;
  }));
  new MutationObserver(() => {
    cells().forEach((cell, index) => { if ('open' in cell.dataset && index in mine) paint(cell, mine[index]); });
    rove();
    if (inside && !grid().contains(document.activeElement)) cells()[at].focus({preventScroll: true});
  }).observe(grid().closest('.widget-html-content'), {childList: true});
  rove();
})(this, 600);
