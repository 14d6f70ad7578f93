// what the front serves as /uplot.js
export { default } from 'uplot'
